/// Networks with given weights: forward pass, loss and gradients.
let modelCheckers: [ParityChecker] = []
