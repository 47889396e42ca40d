package io.tradesync.examples.boot;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Lets a user close the gap and wait for it. The starter turns its exceptions into answers. */
@RestController
class LedgerController {

  private final SyncEngine engine;

  LedgerController(SyncEngine engine) {
    this.engine = engine;
  }

  /** What became of a run. */
  record Answer(String runId, boolean success, String message) {}

  @PostMapping("/sync")
  Answer sync() {
    SyncResult result = engine.run();
    return new Answer(result.runId(), result.success(), result.message());
  }
}
