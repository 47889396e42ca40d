// A PostgreSQL server of the bench's own, in a directory that is thrown away.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import pg from "pg";
import { start, until } from "./processes.mjs";

/** Where the server's programs are: PG_BIN, or the newest of the usual places. */
function programs() {
  const versions = (dir) => (fs.existsSync(dir) ? fs.readdirSync(dir) : []);
  const places = [
    process.env.PG_BIN,
    ...versions("/usr/lib/postgresql")
      .sort((a, b) => b - a)
      .map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"],
  ];
  const found = places.find((dir) => dir && fs.existsSync(path.join(dir, "initdb")));
  if (!found) throw new Error("no PostgreSQL server found; name its programs' directory in PG_BIN");
  return found;
}

/** PostgreSQL refuses to run as root; then it runs as PG_USER. */
function identity() {
  if (process.getuid() !== 0) return {};
  const user = process.env.PG_USER ?? "postgres";
  const id = (flag) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export class Postgres {
  static async start(dir, port) {
    const server = new Postgres();
    server.port = port;
    server.log = path.join(dir, "postgres.log");
    const data = path.join(dir, "data");
    const user = identity();
    fs.mkdirSync(data, { mode: 0o700 });
    if (user.uid) fs.chownSync(data, user.uid, user.gid);
    const bin = programs();
    execFileSync(
      path.join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
      { ...user, cwd: data, stdio: "pipe" },
    );
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: 200,
      fsync: "off",
      wal_level: "logical",
      track_commit_timestamp: "on",
      log_line_prefix: "%m [%d] %a: ",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    server.process = start(path.join(bin, "postgres"), ["-D", data, ...options], {
      ...user,
      cwd: data,
      log: server.log,
      stopSignal: "SIGINT",
    });
    await until("PostgreSQL", () => server.query("postgres", "select 1").catch(() => false), {
      child: server.process,
    });
    return server;
  }

  url(database, user = "postgres") {
    return `postgresql://${user}@127.0.0.1:${this.port}/${database}`;
  }

  jdbcUrl(database, user = "postgres") {
    return `jdbc:postgresql://127.0.0.1:${this.port}/${database}?user=${user}`;
  }

  async connect(database) {
    const client = new pg.Client(this.url(database));
    // A server that is being stopped says so to each connection.
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  /** One statement on a connection of its own; the rows. */
  async query(database, sql, values) {
    const client = await this.connect(database);
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
}
