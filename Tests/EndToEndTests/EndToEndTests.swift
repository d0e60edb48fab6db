import Testing

/// The promises of the page "Guarantees", shown with real processes. One test at a time: they compete for the cores, and
/// some measure memory or wait for a moment in another process.
@Suite(.serialized) enum EndToEndTests {}
