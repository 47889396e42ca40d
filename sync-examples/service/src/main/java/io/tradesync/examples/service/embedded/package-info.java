/** Embedded PostgreSQL and Redis servers, which never outlive this process. */
@NullMarked
package io.tradesync.examples.service.embedded;

import org.jspecify.annotations.NullMarked;
