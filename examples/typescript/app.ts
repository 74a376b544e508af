// Uploads a video, runs a job on it for as long as the page stays, and offers its files.
import { type JobEvent, JobStatus, VideoAnnotatorError, connect, fromBlob, toBlob } from "@videoannotator/client/browser";

const form = element("form", HTMLFormElement);
const cancel = element("cancel", HTMLButtonElement);
const start = element("start", HTMLButtonElement);
const bar = element("progress", HTMLProgressElement);

form.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const leaving = new AbortController();
  cancel.onclick = () => leaving.abort(new DOMException("Cancelled", "AbortError"));
  [start.disabled, cancel.disabled] = [true, false];
  ["error", "artifacts", "log"].forEach((id) => element(id).replaceChildren());
  try {
    await annotate(leaving.signal);
  } catch (error) {
    show("status", leaving.signal.aborted ? "Cancelled" : "Failed");
    if (!leaving.signal.aborted) show("error", inWords(error));
  } finally {
    [start.disabled, cancel.disabled] = [false, true];
  }
});

async function annotate(signal: AbortSignal): Promise<void> {
  const service = connect({ server: value("server"), token: () => value("token") });
  const [file] = element("video", HTMLInputElement).files ?? [];
  if (!file) throw new Error("Choose a video.");

  const video = await service.upload(fromBlob(file), {
    signal,
    onProgress: ({ phase, done, total }) => {
      show("status", phase === "checking" ? "Checking" : "Uploading");
      bar.value = done / total;
    },
  });

  const pipelines = value("pipelines").split(/[\s,]+/).filter(Boolean);
  const events = service.run({ videoId: video.id, pipelines }, { signal });
  let next = await events.next();
  for (; !next.done; next = await events.next()) tell(next.value);
  const job = next.value;

  const { artifacts } = await service.artifacts.listArtifacts({ jobId: job.id });
  for (const artifact of artifacts) {
    const link = document.createElement("a");
    link.textContent = link.download = artifact.name;
    link.href = URL.createObjectURL(await toBlob(service.download(artifact.id, { signal }), artifact.mediaType));
    const item = document.createElement("li");
    item.append(link, ` ${artifact.sizeBytes} bytes`);
    element("artifacts").append(item);
  }
  bar.value = 1;
  show("status", titled(JobStatus[job.status]));
}

function tell({ jobId, sequence, event }: JobEvent): void {
  show("job", jobId);
  if (event.case === "snapshot") show("status", titled(JobStatus[event.value.status]));
  if (event.case === "status") show("status", titled(JobStatus[event.value.status]));
  if (event.case === "progress") bar.value = event.value.jobProgress;
  const line = document.createElement("li");
  line.value = Number(sequence);
  line.textContent = event.case === "log" ? event.value.message : (event.case ?? "");
  element("log").append(line);
}

function inWords(error: unknown): string {
  if (!(error instanceof VideoAnnotatorError)) return String(error);
  const violations = error.violations.map(({ field, message }) => `${field}: ${message}`);
  return [`${error.code}: ${error.message}`, ...violations, error.hint].join("\n");
}

function titled(name: string | undefined): string {
  return name ? name[0] + name.slice(1).toLowerCase() : "";
}

function element<T extends HTMLElement = HTMLElement>(id: string, kind?: new () => T): T {
  const found = document.getElementById(id);
  if (!found || (kind && !(found instanceof kind))) throw new Error(`the page has no ${id}`);
  return found as T;
}

function value(id: string): string {
  return element(id, HTMLInputElement).value;
}

function show(id: string, text: string): void {
  element(id).textContent = text;
}
