import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { type Job, type JobEvent, JobStatus, type UploadProgress, VideoState, follow, openVideo, save } from "@videoannotator/client/node";

import { NATIVE_SERVER, SHORT_VIDEO, client, isHistory, uploaded } from "./support.ts";

for (const [way, service] of [["through Envoy", client()], ["straight to the service", client({ server: NATIVE_SERVER })]] as const) {
  test(`a video becomes results ${way}`, async () => {
    await using file = await openVideo(SHORT_VIDEO);
    const progress: UploadProgress[] = [];
    const video = await service.upload(file, { onProgress: (news) => progress.push(news) });
    assert.equal(video.state, VideoState.READY);
    assert.equal(video.sha256, createHash("sha256").update(await readFile(SHORT_VIDEO)).digest("hex"));
    assert.deepEqual(progress.at(0), { phase: "checking", done: file.size, total: file.size });

    const job = await service.submit({ videoId: video.id, pipelines: ["scene"], config: { scene_detection: { threshold: 20 } } });
    assert.equal(job.config?.["scene_detection"] && (job.config["scene_detection"] as { threshold: number }).threshold, 20);
    const done = await service.wait(job.id);
    assert.equal(done.status, JobStatus.COMPLETED);
    assert.deepEqual(done.runs.map((run) => [run.pipeline, Number(run.annotationCount)]), [["scene_detection", 2]]);

    const folder = await mkdtemp(join(tmpdir(), "artifacts-"));
    const { artifacts } = await service.artifacts.listArtifacts({ jobId: job.id });
    for (const artifact of artifacts) {
      const size = await save(service.download(artifact.id), join(folder, artifact.name));
      assert.equal(size, Number(artifact.sizeBytes));
    }
    assert.deepEqual((await readdir(folder)).sort(), artifacts.map((artifact) => artifact.name).sort());
    const zip = join(folder, "all.zip");
    await save(service.archive({ jobId: job.id }), zip);
    assert.equal((await readFile(zip)).toString("latin1", 0, 2), "PK");
    await service.jobs.deleteJob({ jobId: job.id });
  });
}

test("the same file is uploaded once", async () => {
  const service = client();
  assert.equal(await uploaded(service, SHORT_VIDEO), await uploaded(service, SHORT_VIDEO));
});

test("a job is submitted once however often the request comes", async () => {
  const service = client();
  const request = { videoId: await uploaded(service, SHORT_VIDEO), pipelines: ["scene"], requestId: crypto.randomUUID() };
  assert.equal((await service.submit(request)).id, (await service.submit(request)).id);
});

test("a watch begins with the whole job, tells every event once and ends with the job", async () => {
  const service = client();
  const { id } = await service.submit({ videoId: await uploaded(service, SHORT_VIDEO), pipelines: ["scene"] });
  const events: JobEvent[] = [];
  let followed: Job | undefined;
  const job = await service.wait(id, { afterSequence: 0n, onEvent: (event) => (events.push(event), (followed = follow(followed, event))) });
  assert.deepEqual(followed, job);
  const happened = events.filter(isHistory);
  assert.deepEqual(happened.map((event) => event.sequence), happened.map((_, index) => BigInt(index + 1)));
  assert.equal(events.at(-1)?.event.case, "terminal");
});

test("jobs are listed across pages", async () => {
  const service = client();
  const seen = await Array.fromAsync(service.list());
  assert.ok(seen.length >= 2);
  assert.equal(new Set(seen.map((job) => job.id)).size, seen.length);
});
