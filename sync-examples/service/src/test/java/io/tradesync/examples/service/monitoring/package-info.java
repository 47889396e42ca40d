/** Holds docs/METRICS.md, docs/monitoring and docs/OPERATIONS.md against the meters. */
package io.tradesync.examples.service.monitoring;
