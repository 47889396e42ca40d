// How long it takes from Ponder's commit of a trade to the store's, by the server's own clock.
import { until } from "./processes.mjs";
import { sourceCommits, STORE_COMMITS } from "./sql.mjs";

/** The delays in milliseconds, smallest first, of the trades that Ponder committed since a time. */
export async function delays(stage, service, since) {
  const { postgres } = stage.bench;
  const there = (await stage.query(sourceCommits(stage.table))).filter(({ at }) => at >= since);
  return until(
    `${there.length} trades in the store`,
    async () => {
      const rows = await postgres.query(service.database, STORE_COMMITS);
      const stored = new Map(rows.map(({ id, at }) => [id, at]));
      return (
        there.every(({ id }) => stored.has(id)) &&
        there.map(({ id, at }) => stored.get(id) - at).sort((a, b) => a - b)
      );
    },
    { seconds: 10, child: service.process },
  );
}

/** The value below which a part of sorted values lies. */
export const quantile = (sorted, part) => sorted[Math.ceil(part * sorted.length) - 1];
