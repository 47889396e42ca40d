/** A Spring Boot application that keeps a ledger of its own in step with Ponder's trades. */
@NullMarked
package io.tradesync.examples.boot;

import org.jspecify.annotations.NullMarked;
