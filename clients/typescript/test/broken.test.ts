import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { connect as connectAsBrowser } from "@videoannotator/client/browser";
import { type JobEvent, type UploadProgress, VideoState, fromBlob, openVideo } from "@videoannotator/client/node";

import { LONG_VIDEO, SHORT_VIDEO, TOKEN, client, fragileWay, isHistory, longJob, uploaded } from "./support.ts";

const service = client();

test("an upload that breaks 20 times arrives whole", async () => {
  const way = await fragileWay(() => 1_600_000 + Math.random() * 1_000_000, 20);
  await using file = await openVideo(LONG_VIDEO, `${crypto.randomUUID()}.mp4`);
  const video = await client({ server: way.url }).upload(file);
  assert.equal(way.breaks(), 20);
  assert.equal(video.state, VideoState.READY);
  assert.equal(video.sha256, createHash("sha256").update(await readFile(LONG_VIDEO)).digest("hex"));
});

test("an upload as browsers do it arrives whole over a way that breaks", async () => {
  const way = await fragileWay(() => 6_000_000 + Math.random() * 4_000_000, 5);
  const bytes = await readFile(LONG_VIDEO);
  const source = fromBlob(new Blob([bytes]), `${crypto.randomUUID()}.mp4`);
  const video = await connectAsBrowser({ server: way.url, token: TOKEN }).upload(source);
  assert.ok(way.breaks() >= 3);
  assert.equal(video.sha256, createHash("sha256").update(bytes).digest("hex"));
});

test("an upload goes on where an earlier one was aborted", async () => {
  await using file = await openVideo(LONG_VIDEO, `${crypto.randomUUID()}.mp4`);
  const abort = new AbortController();
  const abortInTheMiddle = ({ phase, done }: UploadProgress) => phase === "uploading" && done > 20e6 && abort.abort();
  const half = service.upload(file, { signal: abort.signal, onProgress: abortInTheMiddle });
  await assert.rejects(half, { name: "AbortError" });
  const offsets: number[] = [];
  await service.upload(file, { onProgress: (news) => news.phase === "uploading" && offsets.push(news.done) });
  assert.ok(offsets[0]! > 0, "it began anew");
});

test("a watch that breaks tells every event once", async () => {
  const way = await fragileWay();
  const distant = client({ server: way.url });
  const { id } = await service.submit(await longJob(service));
  const events: JobEvent[] = [];
  let lost = 0;
  for await (const event of distant.watch(id, { afterSequence: 0n, onLost: () => lost++ })) {
    events.push(event);
    if (events.length % 3 === 0 && lost < 3) way.cut();
    if (events.length === 14) await service.jobs.cancelJob({ jobId: id });
  }
  assert.ok(lost >= 3);
  const happened = events.filter(isHistory);
  assert.deepEqual(happened.map((event) => event.sequence), happened.map((_, index) => BigInt(index + 1)));
});

test("a download that breaks is resumed and verified", async () => {
  const { id } = await service.submit({ videoId: await uploaded(service, SHORT_VIDEO), pipelines: ["scene"] });
  await service.wait(id);
  const { artifacts } = await service.artifacts.listArtifacts({ jobId: id });
  const way = await fragileWay();
  const distant = client({ server: way.url });
  for (const artifact of artifacts) {
    const digest = createHash("sha256");
    let cut = false;
    for await (const piece of distant.download(artifact.id)) {
      digest.update(piece);
      if (!cut) way.cut();
      cut = true;
    }
    assert.equal(digest.digest("hex"), artifact.sha256);
  }
});
