// What the documentation shows is run, as it stands there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { SERVER, SHORT_VIDEO } from "./support.ts";

const HERE = new URL("../", import.meta.url); // inside of the package, which the programs import by its name
const FOLDER = new URL("test/.documentation/", HERE);
after(() => rm(FOLDER, { recursive: true, force: true }));

/** Return the programs in a page: all blocks of one kind together. */
async function program(page: string, kind: string): Promise<string> {
  const text = await readFile(new URL(page, HERE), "utf8");
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].filter(([, found]) => found === kind).map(([, , code]) => code).join("\n");
}

for (const page of ["README.md", "../../docs/typescript-client.md"]) {
  test(`the program in ${page} runs`, async () => {
    await mkdir(FOLDER, { recursive: true });
    const code = (await program(page, "ts")).replace("http://127.0.0.1:18011", SERVER);
    const file = new URL("program.ts", FOLDER);
    await writeFile(file, code);
    await copyFile(SHORT_VIDEO, new URL("clip.mp4", FOLDER));
    await promisify(execFile)(process.execPath, [file.pathname], { cwd: FOLDER.pathname });
    assert.ok((await readdir(FOLDER)).some((name) => name.endsWith(".zip")));
    await rm(FOLDER, { recursive: true });
  });
}

test("the program for browsers compiles", async () => {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL("browser.ts", FOLDER), await program("../../docs/typescript-client.md", "ts browser"));
  await writeFile(new URL("tsconfig.json", FOLDER), JSON.stringify({ extends: "../../tsconfig.json", include: ["browser.ts"] }));
  await promisify(execFile)(process.execPath, [new URL("node_modules/typescript/bin/tsc", HERE).pathname, "-p", FOLDER.pathname]);
});
