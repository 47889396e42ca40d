// Checks the documentation: every Mermaid diagram and every TypeScript snippet parses, and every
// relative link names a file.
// Run from anywhere: npm ci && node check.mjs
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((page) => page !== "");

// Mermaid expects a browser.
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snippets-"));
process.on("exit", () => fs.rmSync(directory, { recursive: true }));

const faults = [];
let diagrams = 0;
let snippets = 0;
let links = 0;
for (const page of pages) {
  const text = fs.readFileSync(path.join(root, page), "utf8");
  for (const [, diagram] of text.matchAll(/^```mermaid\n(.*?)^```/gms)) {
    diagrams++;
    try {
      await mermaid.parse(diagram);
    } catch (failure) {
      faults.push(`${page}: a diagram does not parse: ${failure.message.split("\n")[0]}`);
    }
  }
  for (const [, snippet] of text.matchAll(/^```ts\n(.*?)^```/gms)) {
    snippets++;
    // Snippets have no types, so that they are JavaScript too.
    const file = path.join(directory, "snippet.mjs");
    fs.writeFileSync(file, snippet);
    const { status, stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
    if (status !== 0) {
      faults.push(`${page}: a snippet does not parse: ${stderr.trim().split("\n").at(4) ?? stderr}`);
    }
  }
  const prose = text.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
  for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target) || target.startsWith("#")) {
      continue;
    }
    links++;
    const file = path.join(root, path.dirname(page), decodeURI(target.replace(/#.*/, "")));
    if (!fs.existsSync(file)) {
      faults.push(`${page}: the link to ${target} leads nowhere`);
    }
  }
}

faults.forEach((fault) => console.error(fault));
console.log(
  `${pages.length} pages, ${diagrams} diagrams, ${snippets} snippets and ${links} links, ` +
    `${faults.length} faults`,
);
// A check that found nothing to look at has not checked anything.
process.exit(faults.length > 0 || diagrams * snippets * links === 0 ? 1 : 0);
