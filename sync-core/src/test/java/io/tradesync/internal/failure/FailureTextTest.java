package io.tradesync.internal.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

class FailureTextTest {

  @Test
  void aTimeoutAmongTheCausesIsTheReason() {
    Exception timeout = new RuntimeException("x", new SocketTimeoutException("read"));

    assertThat(FailureText.reason(timeout)).isEqualTo("Network timeout");
  }

  @Test
  void theMessageIsTheReasonOrElseTheClass() {
    assertThat(FailureText.reason(new IOException("connection reset")))
        .isEqualTo("connection reset");
    assertThat(FailureText.reason(new IOException(" \n"))).isEqualTo("IOException");
  }

  @Test
  void theEndOfARunNamesTheSideThatTimedOut() {
    Exception timeout =
        SideUnavailableException.unreachable(
            Side.SINK, "Network timeout", new SocketTimeoutException("read"));

    assertThat(FailureText.runEnd(timeout)).isEqualTo("the sink is not available: Network timeout");
  }

  @Test
  void aReasonHoldsNoPassword() {
    String text =
        "POST https://me:secret@host/x?token=secret&a=1 {\"password\": \"secret\"} refused";

    assertThat(FailureText.singleLine(text))
        .isEqualTo("POST https://***@host/x?token=***&a=1 {\"password\": *** refused");
  }

  @Test
  void aReasonIsOneLineThatAnyDatabaseStores() {
    assertThat(FailureText.singleLine("two\n lines\tand \u0000NUL")).isEqualTo("two lines and NUL");
    assertThat(FailureText.singleLine("half of a pair: \ud83d")).doesNotContain("\ud83d");
  }

  @Test
  void aLongReasonIsCutBetweenCharacters() {
    String line = FailureText.singleLine("x" + "\ud83d\udcb1".repeat(2_000));

    assertThat(line).hasSizeLessThanOrEqualTo(500).endsWith("\udcb1…");
  }
}
