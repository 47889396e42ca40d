package io.tradesync.spring;

import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Answers with problem+json (RFC 9457) where a controller lets an exception of the engine pass: 409
 * if another run is under way, 503 if a side is not available. An application that declares a bean
 * of this type, or a controller advice of a smaller order, answers in its own way.
 */
@Order(0)
@RestControllerAdvice
public class TradesyncProblems {

  /** Creates the advice. */
  public TradesyncProblems() {}

  /** Answers 409 and names the run that is under way. */
  @ExceptionHandler
  public ProblemDetail alreadyRunning(SyncAlreadyRunningException e) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    problem.setProperty("runId", e.runId());
    problem.setProperty("startedAt", e.startedAt().toString());
    return problem;
  }

  /** Answers 503 and names the side. */
  @ExceptionHandler
  public ProblemDetail unavailable(SideUnavailableException e) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    problem.setProperty("side", e.side().label());
    return problem;
  }
}
