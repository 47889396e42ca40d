// The service under test, as its jar.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { start, stop, until } from "./processes.mjs";

export const JAR =
  process.env.SYNC_JAR ??
  fileURLToPath(new URL("../../service/target/tradesync.jar", import.meta.url));

/** How long a trade must have left the source before the store lets go of it. */
export const GRACE_SECONDS = 5;

/** A role that may read, and nothing else. */
export const READER = "reader";

/** It looks by itself every second, or hears Ponder's notifications and hardly ever looks. */
const LOOKING = { SYNC_AUTO_INTERVAL: "PT1S", SYNC_AUDIT_INTERVAL: "PT5S" };
const LISTENING = {
  SYNC_AUTO_INTERVAL: "PT10M",
  SYNC_AUDIT_INTERVAL: "PT10M",
  SYNC_PONDER_NOTIFY: "true",
};

export class Service {
  /** @param notify whether it listens to Ponder's notifications */
  static async start(stage, { notify = false }) {
    const { bench, database } = stage;
    if (!fs.existsSync(JAR)) throw new Error(`${JAR} is not there: mvn package -DskipTests`);
    const service = new Service();
    service.database = database.replace("ponder", "analytics");
    await bench.postgres.query("postgres", `CREATE DATABASE ${service.database}`);
    service.url = `http://127.0.0.1:${bench.port + 3}`;
    service.log = path.join(bench.dir, `${service.database}.log`);
    service.process = start(process.env.JAVA ?? "java", ["-Xmx256m", "-jar", JAR, "serve"], {
      log: service.log,
      env: {
        ...process.env,
        PONDER_JDBC_URL: bench.postgres.jdbcUrl(database, READER),
        PONDER_SCHEMA: stage.schema,
        ANALYTICS_JDBC_URL: bench.postgres.jdbcUrl(service.database),
        REDIS_URL: "redis://127.0.0.1:1", // nobody there
        SYNC_HTTP_PORT: bench.port + 3,
        ...(notify ? LISTENING : LOOKING),
        SYNC_ORPHAN_GRACE: `PT${GRACE_SECONDS}S`,
      },
    });
    const answers = () => fetch(service.url + "/healthz").then((r) => r.ok, () => false);
    await until(`the service ${service.log}`, answers, { child: service.process });
    if (notify) {
      const listens = () => service.get("stats").then((stats) => stats?.ponderNotify.up);
      await until("notifications", listens, { child: service.process });
    }
    return service;
  }

  /** Null while a side cannot be read. */
  health() {
    return this.get("health");
  }

  async get(what) {
    const response = await fetch(`${this.url}/api/sync/${what}`).catch(() => undefined);
    return response?.ok ? response.json() : null;
  }

  /** Asks for a run; another one that is under way is as good. */
  async run() {
    await fetch(`${this.url}/api/sync/run`, { method: "POST" }).catch(() => undefined);
  }

  async stop() {
    await stop(this.process);
  }
}
