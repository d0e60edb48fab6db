import Scheduling

/// What can go wrong.
enum Fault: CaseIterable {
  case killWorker, killCoordinator, losePower, freezeProcess, suspendHost
  case cut, cutOneWay, cutSome, swizzle, resetConnection, slowNetwork
  case slowDisk, fullDisk
  case drainWorker, addWorker
}

/// What ends a fault.
enum Relief {
  case thaw(SimulatedProcess)
  case resume(Host)
  case mend(from: Int, to: Int, since: Instant)
  case powerUp(Host)
  case fastNetwork, fastDisk, emptyDisk
  case startCoordinator
  case startWorker(Host, WorkerID?)
  /// A fault that was planned for later, as part of another one.
  case cutLater(Host, seconds: Double)
}

extension Cluster {
  func planFault() {
    timeline.add(.fault, at: now.advanced(bySeconds: options.faultEverySeconds * chance.between(0.2, 1.8)))
  }

  /// Something goes wrong.
  func strike() {
    guard !isHealing, let fault = chance.element(of: options.faults) else { return }
    faults += 1
    let seconds = chance.magnitude(0.2, 40)
    let host = hosts[chance.below(hosts.count)]
    switch fault {
    case .killWorker, .drainWorker, .addWorker, .resetConnection: strikeWorker(fault)
    case .killCoordinator:
      trace(coordinator, "is killed")
      hosts[0].touch(now)
      killCoordinator(restartingAfter: chance.between(0.1, options.restartSeconds))
    case .losePower: losePower(host, seconds)
    case .freezeProcess: freeze(seconds)
    case .suspendHost: suspend(host, seconds)
    case .cut, .cutOneWay, .cutSome, .swizzle: cut(fault, host, seconds)
    case .slowNetwork:
      trace(nil, "the network is slow for \(short(seconds)) s")
      network.slowness = chance.magnitude(2, 100)
      hosts[0].disturb()
      relieve(after: seconds, .fastNetwork)
    case .slowDisk:
      trace(nil, "the disk is slow for \(short(seconds)) s")
      disk.slowness = chance.magnitude(10, 3000)
      hosts[0].disturb()
      relieve(after: seconds, .fastDisk)
    case .fullDisk:
      trace(nil, "the disk is full for \(short(seconds)) s")
      (disk.isFull, catalogue.isFull) = (true, chance.oneIn(2))
      hosts[0].disturb()
      relieve(after: seconds, .emptyDisk)
    }
    planFault()
  }

  private func strikeWorker(_ fault: Fault) {
    if fault == .addWorker {
      if workers.count < 2 * hosts.count * options.workersPerHost { startWorker(on: hosts[chance.below(hosts.count)]) }
      return
    }
    guard let worker = chance.element(of: workers) else { return }
    worker.host.touch(now)
    switch fault {
    case .killWorker:
      trace(worker, "is killed")
      end(worker, silently: false)
    case .drainWorker:
      trace(worker, "is asked to end")
      if worker.isRunning { worker.drain() }
    default:
      guard let connection = worker.connection else { return }
      trace(worker, "its connection is reset")
      close(connection, .up)
      worker.loseConnection(connection)
      close(connection, .down)
      if connection.coordinator.isAlive { connection.coordinator.loseConnection(connection) }
    }
  }

  private func losePower(_ host: Host, _ seconds: Double) {
    guard host.isUp else { return }
    trace(nil, "host \(host.number) loses power for \(short(seconds)) s")
    host.isUp = false
    host.disturb()
    for worker in workers where worker.host === host { end(worker, silently: true) }
    if host.number == 0 {
      host.pendingCoordinator = true
      killCoordinator(restartingAfter: 0, silently: true)
      disk.losePower(&chance)
      catalogue.losePower(&chance)
      ledger.lostPower(disk)
    }
    relieve(after: seconds, .powerUp(host))
  }

  private func freeze(_ seconds: Double) {
    var processes: [SimulatedProcess] = workers
    if let coordinator { processes.append(coordinator) }
    guard let process = chance.element(of: processes), process.isRunning else { return }
    trace(process, "freezes for \(short(seconds)) s")
    process.freeze()
    process.host.disturb()
    relieve(after: seconds, .thaw(process))
  }

  private func suspend(_ host: Host, _ seconds: Double) {
    guard host.isUp, host.number > 0 else { return }
    trace(nil, "host \(host.number) is suspended for \(short(seconds)) s")
    host.suspend(now)
    host.disturb()
    for worker in workers where worker.host === host { worker.freeze() }
    relieve(after: seconds, .resume(host))
  }

  private func cut(_ fault: Fault, _ host: Host, _ seconds: Double) {
    let others = hosts.dropFirst()
    let chosen: [Host] = host.number > 0 ? [host] : Array(others)
    switch fault {
    case .cutOneWay:
      let goesUp = chance.oneIn(2)
      for host in chosen { cutLink(host, up: goesUp, down: !goesUp, seconds) }
    case .cutSome: for host in others where chance.oneIn(2) { cutLink(host, up: true, down: true, seconds) }
    // Hosts are cut off one by one, and come back in another order.
    case .swizzle:
      for host in others where chance.oneIn(2) {
        relieve(after: chance.between(0, seconds), .cutLater(host, seconds: chance.between(0.2, seconds + 0.2)))
      }
    default: for host in chosen { cutLink(host, up: true, down: true, seconds) }
    }
  }

  private func cutLink(_ host: Host, up: Bool, down: Bool, _ seconds: Double) {
    let directions = up && down ? "off" : up ? "off, outwards only," : "off, inwards only,"
    trace(nil, "host \(host.number) is cut \(directions) for \(short(seconds)) s")
    let number = host.number
    for (isCut, from, to) in [(up, number, 0), (down, 0, number)] where isCut {
      network.cut(from: from, to: to)
      host.disturb()
      relieve(after: seconds, .mend(from: from, to: to, since: now))
    }
  }

  func relieve(after seconds: Double, _ relief: Relief) {
    let number = events &* 64 &+ reliefs.count
    var free = number
    while reliefs[free] != nil { free += 1 }
    reliefs[free] = relief
    timeline.add(.relief(free), at: now.advanced(bySeconds: seconds))
  }

  /// A fault ends, unless it has ended already.
  func relieve(_ number: Int) {
    guard let relief = reliefs.removeValue(forKey: number) else { return }
    switch relief {
    case .thaw(let process):
      trace(process, "goes on", unless: !process.isAlive)
      process.host.calm(now)
      process.thaw()
    case .resume(let host):
      host.resume(now)
      host.calm(now)
      for worker in workers where worker.host === host { worker.thaw() }
    case .mend(let from, let to, let since):
      hosts[max(from, to)].calm(now)
      mendLink(from: from, to: to, afterSeconds: now.seconds(since: since))
    case .powerUp(let host): powerUp(host)
    case .fastNetwork:
      network.slowness = 1
      hosts[0].calm(now)
    case .fastDisk:
      disk.slowness = 1
      hosts[0].calm(now)
    case .emptyDisk:
      (disk.isFull, catalogue.isFull) = (false, false)
      hosts[0].calm(now)
    case .startCoordinator:
      if hosts[0].isUp { startCoordinator() } else { hosts[0].pendingCoordinator = true }
    case .startWorker(let host, let name):
      if host.isUp { startWorker(on: host, named: name) } else { host.pendingWorkers.append(name) }
    case .cutLater(let host, let seconds): if !isHealing { cutLink(host, up: true, down: true, seconds) }
    }
  }

  private func powerUp(_ host: Host) {
    trace(nil, "host \(host.number) is up again")
    host.isUp = true
    host.calm(now)
    if host.pendingCoordinator { startCoordinator() }
    host.pendingCoordinator = false
    for name in host.pendingWorkers { startWorker(on: host, named: name) }
    host.pendingWorkers = []
  }
}
