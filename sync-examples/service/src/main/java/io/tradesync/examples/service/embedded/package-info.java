/** PostgreSQL and Redis for those who have none at hand; they never outlive this program. */
@NullMarked
package io.tradesync.examples.service.embedded;

import org.jspecify.annotations.NullMarked;
