import assert from "node:assert/strict";
import { test } from "node:test";

import { JobStatus } from "@videoannotator/client/node";
import { connect as connectAsBrowser } from "@videoannotator/client/browser";

import { SERVER, TOKEN, client, fragileWay, longJob, until } from "./support.ts";

const service = client();

for (const [protocol, caller] of [["gRPC", service], ["gRPC-Web", connectAsBrowser({ server: SERVER, token: TOKEN })]] as const) {
  test(`an aborted run cancels the job over ${protocol}`, async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    let jobId = "";
    await assert.rejects(async () => {
      for await (const event of caller.run(await longJob(service), { signal: abort.signal })) {
        jobId = event.jobId;
        if (event.event.case === "progress") abort.abort(reason);
      }
    }, reason);
    await until(service, jobId, JobStatus.CANCELLED);
  });

  test(`leaving the loop over a run cancels the job over ${protocol}`, async () => {
    let jobId = "";
    for await (const event of caller.run(await longJob(service))) {
      jobId = event.jobId;
      break;
    }
    await until(service, jobId, JobStatus.CANCELLED);
  });
}

test("leaving a run whose call was lost cancels the job by name", async () => {
  const way = await fragileWay();
  const distant = client({ server: way.url });
  let jobId = "";
  let lost = false;
  for await (const event of distant.run(await longJob(service), { onLost: () => (lost = true) })) {
    jobId = event.jobId;
    if (lost) break;
    way.cut();
  }
  await until(service, jobId, JobStatus.CANCELLED);
});
