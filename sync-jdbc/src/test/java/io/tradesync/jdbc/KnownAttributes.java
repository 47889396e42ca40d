package io.tradesync.jdbc;

import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;

/**
 * A sink that is told which attributes all trades have, since the source of a test does not say.
 */
final class KnownAttributes extends ForwardingSink<Connection> {

  private final TransactionalSink<Connection> inner;
  private final List<String> names;

  KnownAttributes(TransactionalSink<Connection> inner, List<String> names) {
    super(inner);
    this.inner = inner;
    this.names = names;
  }

  @Override
  public Optional<SinkDigests<Connection>> digests(Optional<List<String>> attributeNames) {
    return inner.digests(Optional.of(names));
  }
}
