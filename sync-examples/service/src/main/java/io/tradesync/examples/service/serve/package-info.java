/** Puts the service together: databases, engine, live paths, HTTP API. */
@NullMarked
package io.tradesync.examples.service.serve;

import org.jspecify.annotations.NullMarked;
