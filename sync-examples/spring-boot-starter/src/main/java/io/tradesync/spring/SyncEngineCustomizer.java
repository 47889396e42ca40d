package io.tradesync.spring;

import io.tradesync.SyncEngineBuilder;

/**
 * Changes an engine's builder just before the engine is built; for what no property sets, such as a
 * clock. Declare beans of this type; they are called in their order.
 */
@FunctionalInterface
public interface SyncEngineCustomizer {

  /** Changes the builder, on which all properties and parts are set already. */
  void customize(SyncEngineBuilder builder);
}
