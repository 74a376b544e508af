import assert from "node:assert/strict";
import { test } from "node:test";

import { ERRORS, connect, fromBlob, openVideo } from "@videoannotator/client/node";

import { SHORT_VIDEO, client, errorOf, fragileWay, longJob, uploaded } from "./support.ts";

const service = client();

test("an error has code, message, hint, detail and time", async () => {
  const error = await errorOf(service.jobs.getJob({ jobId: "nobody" }));
  assert.equal(error.code, "JOB_NOT_FOUND");
  assert.match(error.message, /nobody/);
  assert.ok(error.hint);
  assert.ok(Math.abs(error.timestamp.getTime() - Date.now()) < 60_000);
  assert.equal(error.retryable, false);
});

test("the error of a stream is the same", async () => {
  const error = await errorOf(service.wait("nobody"));
  assert.equal(error.code, "JOB_NOT_FOUND");
});

test("every violation of a request is told", async () => {
  const videoId = await uploaded(service, SHORT_VIDEO);
  const config = { scene_detection: { threshold: "high", unknown: 1 } };
  const error = await errorOf(service.submit({ videoId, pipelines: ["scene"], config }));
  assert.equal(error.code, "INVALID_CONFIG");
  const violations = error.violations.map(({ field, code }) => [field, code]).sort();
  assert.deepEqual(violations, [
    ["config.scene_detection.threshold", "INVALID_TYPE"],
    ["config.scene_detection.unknown", "UNKNOWN_FIELD"],
  ]);
});

test("a wrong token is refused, for uploads too", async () => {
  const stranger = client({ token: "va_wrong" });
  assert.equal((await errorOf(stranger.jobs.listJobs({}))).code, "UNAUTHORIZED");
  await using file = await openVideo(SHORT_VIDEO);
  assert.equal((await errorOf(stranger.upload(file))).code, "UNAUTHORIZED");
});

test("a file that is no video is refused with the reason", async () => {
  const text = fromBlob(new Blob(["this is no video, whatever its name says"]), `${crypto.randomUUID()}.mp4`);
  assert.equal((await errorOf(service.upload(text))).code, "UNSUPPORTED_MEDIA");
  assert.equal((await errorOf(service.upload(fromBlob(new Blob([]), "empty.mp4")))).code, "INVALID_REQUEST");
});

test("a missing file is an error of the request", async () => {
  assert.equal((await errorOf(openVideo("/nowhere/clip.mp4"))).code, "INVALID_REQUEST");
});

test("a service that is not there is reported when patience ends", async () => {
  const started = performance.now();
  const nowhere = connect({ server: "http://127.0.0.1:1", patience: 1 });
  const error = await errorOf(nowhere.system.getServerInfo({}));
  assert.equal(error.code, "SERVICE_UNAVAILABLE");
  assert.ok(error.retryable);
  assert.ok(performance.now() - started < 3000);
});

test("a call whose way breaks for a moment is made again", async () => {
  const way = await fragileWay(() => 0, 2);
  assert.ok((await client({ server: way.url }).system.getServerInfo({})).version);
  assert.equal(way.breaks(), 2);
});

test("an abort ends a call with the reason of the abort", async () => {
  const { id } = await service.submit(await longJob(service));
  const reason = new Error("enough");
  await assert.rejects(service.wait(id, { signal: AbortSignal.abort(reason) }), reason);
  const later = new AbortController();
  setTimeout(() => later.abort(reason), 100);
  await assert.rejects(service.wait(id, { signal: later.signal }), reason);
  assert.ok(!(await service.jobs.getJob({ jobId: id })).cancelledAt, "a watch does not touch the job");
  await service.jobs.deleteJob({ jobId: id, force: true });
});

test("a cancelled job is the error of its wait", async () => {
  const { id } = await service.submit(await longJob(service));
  await service.jobs.cancelJob({ jobId: id, reason: "changed my mind" });
  const error = await errorOf(service.wait(id));
  assert.equal(error.code, "JOB_CANCELLED");
  assert.match(error.message, /changed my mind/);
  assert.ok(error.code in ERRORS);
});
