import Messaging

/// Every body of the protocol: for tests that send each of them any bytes.
package let messageBodies: [any MessageBody.Type] = [
  Hello.self, Heartbeat.self, Commits.self, Failure.self, HandBack.self, Goodbye.self,
  Welcome.self, Pulse.self, Dispatch.self, Acknowledge.self, Revoke.self, Drain.self, Unknown.self, Refused.self,
  Submit.self, Submitted.self, ListJobs.self, Jobs.self, AskStatus.self, Status.self, ListWorkers.self, Workers.self,
  Cancel.self, Cancelled.self, Retry.self, Retried.self, Remove.self, Removed.self, DrainWorkers.self, Draining.self,
  AskArtifact.self, Artifact.self,
  Put.self, Stored.self, Fetch.self, Chunk.self,
]
