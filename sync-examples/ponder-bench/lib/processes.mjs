// Child processes that do not outlive this one, and waiting for conditions.
import { spawn } from "node:child_process";
import fs from "node:fs";

const running = new Set();
let over = false;

/** Starts a program that writes its output to a file; `stopSignal` asks it to end. */
export function start(command, args, { log, stopSignal = "SIGTERM", ...options }) {
  if (over) throw new Error("interrupted");
  const out = fs.openSync(log, "a");
  const child = spawn(command, args.map(String), { ...options, stdio: ["ignore", out, out] });
  fs.closeSync(out);
  running.add(child);
  child.stopSignal = stopSignal;
  child.ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => running.delete(child));
  return child;
}

/** Asks a program to end, and waits until it has. */
export async function stop(child, signal = child?.stopSignal) {
  if (!running.has(child)) return;
  child.kill(signal);
  const impatience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await child.ended;
  clearTimeout(impatience);
}

/** Ends all that was started, the last one first; nothing starts any more. */
export async function stopAll() {
  over = true;
  for (const child of [...running].reverse()) await stop(child);
}

process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a condition gives something and returns that; a child that it needs must not end. */
export async function until(what, condition, { seconds = 60, child, every = 100 } = {}) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const met = await condition();
    if (met) return met;
    if (child && !running.has(child)) throw new Error(`${what}: ${await child.ended}`);
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(every);
  }
}
