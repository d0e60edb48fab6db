import Messaging
import Scheduling
import Specification
import Store

extension Coordinator {
  func takeFromClient(_ envelope: Envelope, _ routingID: Peers.RoutingID) throws(EnvelopeError) -> Bool {
    switch envelope.type {
    case Submit.type:
      let submission = try envelope.decode(Submit.self)
      answering(routingID) { () throws(StoreError) in try submit(submission, routingID) }
    case Remove.type:
      let name = try envelope.decode(Remove.self).name
      answering(routingID) { () throws(StoreError) in try remove(name, routingID) }
    case Retry.type:
      let name = try envelope.decode(Retry.self).name
      answering(routingID) { () throws(StoreError) in try retry(name, routingID) }
    case Cancel.type: cancel(try envelope.decode(Cancel.self).name, routingID)
    case DrainWorkers.type: drain(try envelope.decode(DrainWorkers.self), routingID)
    case ListWorkers.type: send(Workers(workers: peers.workers.map(summary)), to: routingID)
    case ListJobs.type:
      answering(routingID) { () throws(StoreError) in
        send(Jobs(jobs: try catalogue.jobs().map(summary)), to: routingID)
      }
    case AskStatus.type:
      let name = try envelope.decode(AskStatus.self).name
      answering(routingID) { () throws(StoreError) in
        send(Status(status: try status(of: try job(named: name))), to: routingID)
      }
    case AskArtifact.type:
      let wanted = try envelope.decode(AskArtifact.self)
      answering(routingID) { () throws(StoreError) in send(try artifact(wanted), to: routingID) }
    default: return false
    }
    return true
  }

  /// Serves a client; what cannot be served is refused with the reason.
  private func answering(_ routingID: Peers.RoutingID, _ serve: () throws(StoreError) -> Void) {
    do throws(StoreError) {
      try serve()
    } catch {
      send(Refused(code: error.code.name, message: error.message), to: routingID)
    }
  }

  private func submit(_ submission: Submit, _ routingID: Peers.RoutingID) throws(StoreError) {
    let specification: JobSpecification
    do {
      specification = try JobSpecification(yaml: submission.yaml, file: submission.file)
    } catch {
      return send(Refused(code: "specification", message: error.description), to: routingID)
    }
    guard JobSpecification.isName(submission.name) else {
      return send(Refused(code: "name", message: "\"\(submission.name)\" cannot name a job."), to: routingID)
    }
    for (name, digest) in submission.inputs.sorted(by: { $0.key < $1.key }) where !store.blobs.contains(digest) {
      return send(Refused(code: "missing", message: "Input \(name) was not sent; submit again."), to: routingID)
    }
    guard jobIDs[submission.name] == nil else {
      let advice = "A job named \(submission.name) exists in this store. Choose another name with --name."
      return send(Refused(code: "nameTaken", message: advice), to: routingID)
    }
    if let shortage = space.shortage { return send(Refused(code: "full", message: shortage), to: routingID) }
    let plan = specification.plan()
    // The file first: on a full disk nothing must be left of the job but a file that the next try replaces.
    try store.folder(of: submission.name).write(Array(submission.yaml.utf8), as: "job.yaml")
    let id = try catalogue.add(
      name: submission.name, share: specification.share, file: submission.file, yaml: submission.yaml,
      inputs: submission.inputs, plan: plan)
    let job = Catalogue.StoredJob(
      id: id, name: submission.name, share: specification.share, file: submission.file, yaml: submission.yaml,
      inputs: submission.inputs, plan: plan, outcome: nil, isPublished: false)
    note(named: Array(submission.inputs.values))
    jobs[id] = job
    jobIDs[job.name] = id
    logger.info("job submitted", metadata: ["job": "\(job.name)", "tasks": "\(plan.taskCount)"])
    handle(.submitted(job.schedulerJob))
    answers.append((Submitted(job: id), to: routingID))
  }

  private func drain(_ wanted: DrainWorkers, _ routingID: Peers.RoutingID) {
    let workers = peers.workers.filter { peer in
      (wanted.worker ?? peer.worker?.rawValue) == peer.worker?.rawValue && (wanted.host ?? peer.host) == peer.host
    }
    guard !workers.isEmpty else {
      let what = wanted.worker.map { "worker named \($0)" } ?? wanted.host.map { "worker on host \($0)" } ?? "worker"
      return send(
        Refused(code: "missing", message: "No \(what) is connected. See `tributary workers`."), to: routingID)
    }
    for id in workers.compactMap(\.worker) { peers.routingID(of: id).map(drain) }
    send(Draining(workers: workers.compactMap(\.worker?.rawValue)), to: routingID)
  }

  private func cancel(_ name: String, _ routingID: Peers.RoutingID) {
    guard let id = jobIDs[name], jobs[id] != nil else {
      return send(Refused(code: "missing", message: "No job named \(name) is running."), to: routingID)
    }
    handle(.cancelled(id))
    answers.append((Cancelled(name: name), to: routingID))
  }

  /// Finds a file of a job: what its tasks have committed last under this name, or what it was submitted with.
  private func artifact(_ wanted: AskArtifact) throws(StoreError) -> Artifact {
    let job = try job(named: wanted.job)
    if wanted.name == "job.yaml" {
      let digest = try store.blobs.put(Array(job.yaml.utf8))
      note(named: [digest])
      return Artifact(digest: digest)
    }
    let outputs = try catalogue.reports(of: job.id).reversed().lazy.flatMap { $0.outputs ?? [] }
    guard let digest = outputs.first(where: { $0.name == wanted.name })?.digest ?? job.inputs[wanted.name] else {
      throw StoreError(.missing, "Job \(wanted.job) has no file \(wanted.name).")
    }
    try keepForNow([digest])
    return Artifact(digest: digest)
  }

  func job(named name: String) throws(StoreError) -> Catalogue.StoredJob {
    guard let id = jobIDs[name] else { throw StoreError(.missing, "No job is named \(name). See `tributary jobs`.") }
    if let job = jobs[id] { return job }
    guard let job = try catalogue.jobs().first(where: { $0.id == id }) else {
      throw StoreError(.missing, "Job \(name) is not in the catalogue.")
    }
    return job
  }
}
