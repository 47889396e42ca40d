// What a reader of the trades saw: the committed transactions, taken from PostgreSQL's log.
const TABLE = /^table ("?[\w]+"?)\.order_book_trades: (\w+): (.*)$/;
const VIEW = /^message: .* prefix: view, .* content:(\w+)$/;
const COLUMN = /"?(\w+)"?\[[^\]]+\]:(?:'((?:[^']|'')*)'|(\S+))/g;

/** A recorded row, in this order. */
const COLUMNS = "id chain_id price quantity timestamp transaction_id side pool_id".split(" ");

/** Recording starts now. Views leave no trace in the log, so a trigger says where they lead. */
export async function startRecording(stage) {
  await stage.query(`SELECT pg_create_logical_replication_slot('${stage.database}', 'test_decoding')`);
  await stage.query(`
    CREATE FUNCTION tell_of_view() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_logical_emit_message(true, 'view',
        substring(pg_get_viewdef(objid) FROM 'FROM "?(\\w+)"?\\.order_book_trades'))
      FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'live.order_book_trades';
    END $$;
    CREATE EVENT TRIGGER tell_of_view ON ddl_command_end WHEN TAG IN ('CREATE VIEW')
      EXECUTE FUNCTION tell_of_view()`);
}

/** All transactions since, as {at: milliseconds, deleted: [id], inserted: [row]}. */
export async function recorded(stage) {
  // Ponder commits asynchronously, and only what is on the disk is decoded; this commit puts it there.
  await stage.query("SELECT pg_logical_emit_message(true, 'end', '')");
  const changes = await stage.query(`
    SELECT data FROM pg_logical_slot_get_changes('${stage.database}', NULL, NULL,
      'include-timestamp', '1')`);
  const tables = new Map();
  const rows = (schema) => tables.get(schema) ?? tables.set(schema, new Map()).get(schema);
  let shown = stage.views ? undefined : stage.schema;
  let before;
  let began;
  const history = [];
  for (const { data } of changes) {
    const [, schema, change, columns] = TABLE.exec(data) ?? [];
    const [, view] = VIEW.exec(data) ?? [];
    if (data.startsWith("BEGIN")) before = undefined;
    // Whatever follows, this is what the reader saw last.
    else if (view || schema === shown) before ??= new Map(rows(shown));
    if (view) shown = view;
    if (schema) apply(rows(schema), change, columns);
    if (data.startsWith("COMMIT") && before) {
      const at = Date.parse(/\(at (.*)\)/.exec(data)[1]);
      began ??= at;
      history.push({ at: at - began, ...difference(before, rows(shown)) });
    }
  }
  return history.filter(({ deleted, inserted }) => deleted.length + inserted.length > 0);
}

function apply(rows, change, columns) {
  const row = Object.fromEntries(
    [...columns.matchAll(COLUMN)].map(([, name, text, number]) => [name, text ?? number]),
  );
  if (change === "INSERT") rows.set(row.id, JSON.stringify(COLUMNS.map((name) => row[name])));
  else if (change === "DELETE") rows.delete(row.id);
  else throw new Error(`Ponder does not do this: ${change}`);
}

function difference(before, after) {
  return {
    deleted: [...before.keys()].filter((id) => before.get(id) !== after.get(id)),
    inserted: [...after.keys()]
      .filter((id) => before.get(id) !== after.get(id))
      .map((id) => JSON.parse(after.get(id))),
  };
}
