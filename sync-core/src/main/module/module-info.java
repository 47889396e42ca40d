/** The engine, its values, the extension points and in-memory implementations. */
module io.tradesync.core {
  requires io.github.resilience4j.core;
  requires io.github.resilience4j.retry;
  requires java.management;
  requires transitive org.jspecify;
  requires org.slf4j;
  // Of io.tradesync.micrometer alone; its user has it.
  requires static micrometer.core;

  exports io.tradesync;
  exports io.tradesync.inmemory;
  exports io.tradesync.micrometer;
  exports io.tradesync.spi;
  exports io.tradesync.spi.log;
}
