import { type Job, JobStatus, PipelineRunSchema } from "./gen/videoannotator/v1/types_pb.js";
import { clone, create } from "@bufbuild/protobuf";

import type { JobEvent, PipelineProgress } from "./gen/videoannotator/v1/jobs_pb.js";
import { JobSchema } from "./gen/videoannotator/v1/types_pb.js";

/** Return the job as it is after an event; the job that was given is left as it was. */
export function follow(job: Job | undefined, { jobId, event }: JobEvent): Job {
  if (event.case === "snapshot") return event.value;
  if (event.case === "terminal" && event.value.job) return event.value.job;
  const after = job ? clone(JobSchema, job) : create(JobSchema, { id: jobId });
  switch (event.case) {
    case "queuePosition":
      after.queuePosition = event.value.position;
      break;
    case "status": {
      const { status, attempt, nextAttemptAt } = event.value;
      Object.assign(after, { status, attempt });
      delete after.nextAttemptAt;
      if (nextAttemptAt) after.nextAttemptAt = nextAttemptAt;
      if (status !== JobStatus.PENDING) delete after.queuePosition;
      break;
    }
    case "progress":
      goOn(after, event.value);
      break;
  }
  return after;
}

function goOn(job: Job, news: PipelineProgress): void {
  job.progress = news.jobProgress;
  let run = job.runs.find((each) => each.pipeline === news.pipeline);
  if (!run) job.runs.push((run = create(PipelineRunSchema, { pipeline: news.pipeline })));
  const { status, progress, unitsDone, unitsFailed, unit } = news;
  Object.assign(run, { status, progress, unitsDone, unitsFailed, unit });
  if (news.unitsTotal !== undefined) run.unitsTotal = news.unitsTotal;
}
