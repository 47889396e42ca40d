// The service under test, as its jar.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { start, stop, until } from "./processes.mjs";

export const JAR =
  process.env.SYNC_JAR ??
  fileURLToPath(new URL("../../sync-examples/target/sync-examples.jar", import.meta.url));

/** How long a trade must have left the source before the store lets go of it. */
export const GRACE_SECONDS = 5;

/** A role that may read, and nothing else. */
export const READER = "reader";

export class Service {
  static async start(stage) {
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
        REDIS_URL: "redis://127.0.0.1:1", // nobody there: the engine alone is looked at
        SYNC_HTTP_PORT: bench.port + 3,
        SYNC_AUTO_INTERVAL: "PT1S",
        SYNC_AUDIT_INTERVAL: "PT5S",
        SYNC_ORPHAN_GRACE: `PT${GRACE_SECONDS}S`,
      },
    });
    const answers = () => fetch(service.url + "/healthz").then((r) => r.ok, () => false);
    await until(`the service ${service.log}`, answers, { child: service.process });
    return service;
  }

  /** Null while a side cannot be read. */
  async health() {
    const response = await fetch(this.url + "/api/sync/health").catch(() => undefined);
    return response?.ok ? response.json() : null;
  }

  async stop() {
    await stop(this.process);
  }
}
