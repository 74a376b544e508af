import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, after, test } from "node:test";

import { JobStatus, type VideoAnnotator } from "@videoannotator/client/node";
import { type Page, chromium } from "playwright-core";

import { LONG_VIDEO, SERVER, SHORT_VIDEO, TOKEN, client, until } from "../support.ts";

const { TEST_CHROMIUM, TEST_ALLOWED_ORIGIN = "", TEST_OTHER_ORIGIN = "", TEST_SCREENSHOTS } = process.env;
const service: VideoAnnotator = client();
const browser = await chromium.launch({
  executablePath: TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
after(() => browser.close());

/** Open a page that must not complain. */
async function opened(test: TestContext, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  test.after(() => page.close());
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  test.after(() => assert.deepEqual(complaints, []));
  return page;
}

/** Open the example and start it on a video. */
async function started(test: TestContext, video: string, pipelines: string): Promise<Page> {
  const page = await opened(test, TEST_ALLOWED_ORIGIN);
  await page.fill("#server", SERVER);
  await page.fill("#token", TOKEN);
  await page.setInputFiles("#video", video);
  await page.fill("#pipelines", pipelines);
  await page.click("#start");
  return page;
}

/** Wait until the page is done and see that it shows a status. */
async function ends(page: Page, status: string): Promise<void> {
  await page.waitForSelector("#start:enabled");
  assert.equal(await page.textContent("#status"), status, (await page.textContent("#error")) ?? "");
}

/** Return the id of the page's job once it makes progress. */
async function running(page: Page): Promise<string> {
  await page.waitForFunction(() => [...document.querySelectorAll("#log li")].some((line) => line.textContent === "progress"));
  return (await page.textContent("#job")) ?? "";
}

/** Ask for jobs from within a page, with the token, and return the status or the error. */
function asked(page: Page, path: string): Promise<{ status?: number; body?: { error?: { code: string } }; error?: string }> {
  const request = { url: `${SERVER}${path}`, token: TOKEN };
  return page.evaluate(async ({ url, token }) => {
    try {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      return { error: String(error) };
    }
  }, request);
}

test("a video becomes files in a browser", async (test) => {
  const page = await started(test, SHORT_VIDEO, "scene");
  await ends(page, "Completed");
  const { artifacts } = await service.artifacts.listArtifacts({ jobId: (await page.textContent("#job")) ?? "" });
  const offered = await page.$$eval("#artifacts a", async (links) =>
    Promise.all((links as HTMLAnchorElement[]).map(async (link) => [link.download, (await (await fetch(link.href)).blob()).size])),
  );
  assert.deepEqual(offered, artifacts.map(({ name, sizeBytes }) => [name, Number(sizeBytes)]));
  if (TEST_SCREENSHOTS) writeFileSync(`${TEST_SCREENSHOTS}/example.png`, await page.screenshot({ fullPage: true }));
});

test("the button cancels the job", async (test) => {
  const page = await started(test, LONG_VIDEO, "person");
  const jobId = await running(page);
  await page.click("#cancel");
  await ends(page, "Cancelled");
  await until(service, jobId, JobStatus.CANCELLED);
});

test("closing the page cancels the job", async (test) => {
  const page = await started(test, LONG_VIDEO, "person");
  const jobId = await running(page);
  await page.close();
  await until(service, jobId, JobStatus.CANCELLED);
});

test("an error is shown with its hint", async (test) => {
  const page = await started(test, SHORT_VIDEO, "nonsense");
  await ends(page, "Failed");
  assert.match((await page.textContent("#error")) ?? "", /PIPELINE_NOT_FOUND[^]*pipelines/);
});

test("a page of an allowed origin reads answers and errors, with a token", async (test) => {
  const page = await opened(test, TEST_ALLOWED_ORIGIN);
  assert.equal((await asked(page, "/api/v1/jobs?per_page=1")).status, 200);
  const missing = await asked(page, "/api/v1/jobs/nobody");
  assert.deepEqual([missing.status, missing.body?.error?.code], [404, "JOB_NOT_FOUND"]);
  const noPath = await asked(page, "/api/v1/nothing");
  assert.deepEqual([noPath.status, noPath.body?.error?.code], [404, "PATH_NOT_FOUND"]);
});

test("a page of another origin reads nothing", async (test) => {
  const page = await opened(test, TEST_OTHER_ORIGIN);
  assert.match((await asked(page, "/api/v1/jobs?per_page=1")).error ?? "", /Failed to fetch/);
});

test("a preflight allows what clients send, to allowed origins only", async () => {
  const ask = (origin: string) =>
    fetch(`${SERVER}/api/v1/videos/some?offset=0`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type" },
    });
  const allowed = (await ask(TEST_ALLOWED_ORIGIN)).headers;
  assert.equal(allowed.get("access-control-allow-origin"), TEST_ALLOWED_ORIGIN);
  assert.match(allowed.get("access-control-allow-methods") ?? "", /PUT/);
  assert.match(allowed.get("access-control-allow-headers") ?? "", /authorization/);
  assert.equal((await ask(TEST_OTHER_ORIGIN)).headers.get("access-control-allow-origin"), null);
});

test("an EventSource hears of a job", async (test) => {
  const page = await started(test, SHORT_VIDEO, "scene");
  await ends(page, "Completed");
  const jobId = (await page.textContent("#job")) ?? "";
  const url = `${SERVER}/api/v1/events/stream?job_id=${jobId}&token=${TOKEN}`;
  const heard = await page.evaluate(
    (source) =>
      new Promise<string>((resolve) => {
        const events = new EventSource(source);
        events.addEventListener("job.complete", (event) => (events.close(), resolve((event as MessageEvent<string>).data)));
      }),
    url,
  );
  assert.match(heard, new RegExp(jobId));
});

test("the reference is drawn without the internet", async (test) => {
  const page = await browser.newPage();
  test.after(() => page.close());
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => request.url().startsWith(SERVER) || request.url().startsWith("data:") || elsewhere.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${SERVER}/docs`);
  await page.waitForSelector("#submitJob");
  const document = (await (await fetch(`${SERVER}/openapi.json`)).json()) as { paths: Record<string, object> };
  const operations = Object.values(document.paths).flatMap((verbs) => Object.keys(verbs));
  assert.equal(await page.locator("article").count(), operations.length);
  await page.locator("#getJob summary").first().click();
  await page.waitForSelector("#getJob details[open] >> text=queue_position");
  await page.fill("#search", "retry");
  assert.deepEqual(await page.$$eval("article", (found) => found.map(({ id }) => id)), ["retryJob"]);
  assert.deepEqual([elsewhere, complaints], [[], []]);
  if (TEST_SCREENSHOTS) writeFileSync(`${TEST_SCREENSHOTS}/reference.png`, await page.screenshot());
});
