// Looks at both sides as often as it can while a scenario is walked, and keeps what must not be.
import { pause } from "./processes.mjs";
import { WRONG_CANDLES } from "./sql.mjs";

const BETWEEN_LOOKS_MS = 100;

/** A view that is being replaced is not there, or no longer the one that was named, for a moment. */
const VIEW_IS_REPLACED = ["42P01", "XX000"];

/** The service asks the source, then commits: what came back in between could not be known to it. */
const LAST_QUESTION_MS = 500;

export class Watcher {
  looks = 0;
  vanished = new Set();
  returned = new Set();

  /** What must not be, and where it was seen. */
  violations = new Map();

  /** For each id when it was seen in the source, as spans of unbroken looks: [first, last]. */
  #seen = new Map();
  #inSource = new Set();
  #inStore = new Set();
  #lost = [];
  #lastLook;
  #done = false;

  static async start(stage, service, graceSeconds) {
    const watcher = new Watcher();
    watcher.graceMs = graceSeconds * 1000;
    const { postgres } = stage.bench;
    const connections = [await postgres.connect(stage.database), await postgres.connect(service.database)];
    const [source, store] = connections;
    const again = async (look) => {
      while (!watcher.#done) {
        await look();
        await pause(BETWEEN_LOOKS_MS);
      }
    };
    const loops = Promise.all([
      again(() => watcher.#lookAtSource(source, stage)),
      again(() => watcher.#lookAtStore(store)),
    ]);
    watcher.stop = async () => {
      watcher.#done = true;
      await loops.finally(() => Promise.all(connections.map((connection) => connection.end())));
      watcher.#judge();
    };
    // Whoever stops the watcher is told; until then a failure has nobody to go to.
    loops.catch(() => {});
    return watcher;
  }

  async #lookAtSource(source, stage) {
    const at = Date.now();
    let rows;
    try {
      rows = (await source.query({ text: `SELECT id FROM ${stage.table}`, rowMode: "array" })).rows;
    } catch (error) {
      if (VIEW_IS_REPLACED.includes(error.code)) return;
      throw error;
    }
    const now = new Set();
    for (const [id] of rows) {
      now.add(id);
      const spans = this.#seen.get(id) ?? [];
      if (this.#inSource.has(id)) spans.at(-1)[1] = at;
      else {
        if (spans.length > 0) this.returned.add(id);
        this.#seen.set(id, [...spans, [at, at]]);
      }
    }
    for (const id of this.#inSource) if (!now.has(id)) this.vanished.add(id);
    this.#inSource = now;
  }

  /** Rows and candles in one snapshot. */
  async #lookAtStore(store) {
    const began = Date.now();
    await store.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    const text = "SELECT trade_id FROM analytics_trades";
    const ids = (await store.query({ text, rowMode: "array" })).rows.map(([id]) => id);
    const wrong = Number((await store.query(WRONG_CANDLES)).rows[0].count);
    await store.query("COMMIT");
    const now = new Set();
    for (const id of ids) {
      if (now.has(id)) this.#violation("there twice", id);
      now.add(id);
    }
    if (wrong > 0) this.#violation("candles of a minute unlike their rows", `${wrong} in a look`);
    for (const id of this.#inStore) {
      if (!now.has(id)) this.#lost.push({ id, after: this.#lastLook, until: Date.now() });
    }
    this.#inStore = now;
    this.#lastLook = began;
    this.looks++;
  }

  /** The store may let go of what the source had not shown for the grace time, and of nothing else. */
  #judge() {
    for (const { id, after, until } of this.#lost) {
      const from = until - this.graceMs;
      const to = after - LAST_QUESTION_MS;
      const spans = this.#seen.get(id) ?? [];
      if (spans.some(([first, last]) => first < to && last > from)) {
        this.#violation("let go before it was gone for the grace time", id);
      }
    }
  }

  #violation(what, where) {
    this.violations.set(what, (this.violations.get(what) ?? new Set()).add(where));
  }
}
