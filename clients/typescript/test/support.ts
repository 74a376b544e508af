import assert from "node:assert/strict";
import { type Socket, connect as connectSocket, createServer } from "node:net";
import { after } from "node:test";

import {
  type Job,
  type JobEvent,
  JobStatus,
  type NodeOptions,
  RunStatus,
  type VideoAnnotator,
  VideoAnnotatorError,
  connect,
  openVideo,
} from "@videoannotator/client/node";

/** The service that the test run started, and its videos. */
export const SERVER = given("VIDEOANNOTATOR_SERVER");
export const NATIVE_SERVER = given("TEST_NATIVE_SERVER");
export const SHORT_VIDEO = given("TEST_SHORT_VIDEO");
export const LONG_VIDEO = given("TEST_LONG_VIDEO");
export const TOKEN = given("VIDEOANNOTATOR_TOKEN");

function given(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set; pytest tests/integration/typescript runs these tests`);
  return value;
}

/** Return a client that is closed after the tests of the file. */
export function client(options: NodeOptions = {}): VideoAnnotator {
  const opened = connect({ server: SERVER, token: TOKEN, ...options });
  after(() => opened.close());
  return opened;
}

/** Upload a file and return the id of the video. */
export async function uploaded(service: VideoAnnotator, path: string): Promise<string> {
  await using file = await openVideo(path);
  return (await service.upload(file)).id;
}

/** Return a request for a job that takes long. */
export async function longJob(service: VideoAnnotator) {
  return { videoId: await uploaded(service, LONG_VIDEO), pipelines: ["person_tracking"] };
}

/** Return the error that a promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<VideoAnnotatorError> {
  const error = await promise.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof VideoAnnotatorError, `${error}`);
  return error;
}

/** Wait until a job is in a status. */
export async function until(service: VideoAnnotator, jobId: string, status: JobStatus): Promise<Job> {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((wake) => setTimeout(wake, 50))) {
    const job = await service.jobs.getJob({ jobId });
    if (job.status === status) return job;
  }
  assert.fail(`the job is not ${JobStatus[status]}`);
}

/** A way to the service that can break. */
export interface FragileWay {
  url: string;
  /** Times that it broke. */
  breaks: () => number;
  /** Break every connection now. */
  cut: () => void;
}

/** Open a way that breaks each of the first `most` connections after so many bytes to the service. */
export async function fragileWay(bytes: () => number = () => Infinity, most = Infinity): Promise<FragileWay> {
  const { hostname, port } = new URL(SERVER);
  const open = new Set<Socket>();
  let breaks = 0;
  const server = createServer((near) => {
    let left = breaks < most ? bytes() : Infinity;
    if (left === 0) {
      breaks++;
      near.destroy();
      return;
    }
    const far = connectSocket(Number(port), hostname);
    const end = () => [near, far].forEach((socket) => (socket.destroySoon(), open.delete(socket)));
    near.on("data", (data) => {
      if (left <= 0 || (left -= data.length) > 0) return;
      breaks++;
      near.pause();
      setTimeout(end, 100); // what was sent has arrived by then
    });
    [near, far].forEach((socket) => (open.add(socket), socket.on("error", end).on("close", end)));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const cut = () => (breaks++, open.forEach((socket) => socket.destroy()));
  after(() => (cut(), server.close()));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, breaks: () => breaks, cut };
}

/** Whether an event is kept; the rest says how something is now, and repeats the sequence before. */
export function isHistory({ event }: JobEvent): boolean {
  if (event.case === "progress") return event.value.status !== RunStatus.RUNNING;
  return event.case !== "snapshot" && event.case !== "heartbeat" && event.case !== "queuePosition";
}
