package io.tradesync.examples.service.serve;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.examples.service.settings.DatabaseStartException;
import io.tradesync.examples.service.settings.SecretUrls;
import io.tradesync.examples.service.settings.Settings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Opens pools of connections, and checks first that the database can be used. */
public final class Databases {

  private static final Duration CONNECT = Duration.ofSeconds(4);

  /** The engine tries three times, so it reports an unreachable database within five seconds. */
  private static final Duration WAIT_FOR_CONNECTION = Duration.ofMillis(1_200);

  /** No statement of the engine lasts that long, so a server that stops answering is given up. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private Databases() {}

  /**
   * Opens a pool.
   *
   * @param setting the name of the setting that holds the URL; error messages contain it
   * @param size the maximum number of connections
   * @throws DatabaseStartException if the database cannot be used
   */
  public static HikariDataSource open(String setting, String url, int size) {
    check(setting, url);
    HikariConfig config = new HikariConfig();
    config.setPoolName(setting);
    config.setJdbcUrl(url);
    config.setDataSourceProperties(properties());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(WAIT_FOR_CONNECTION.toMillis());
    config.setValidationTimeout(WAIT_FOR_CONNECTION.toMillis() / 2);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /**
   * Checks whether a database can be used.
   *
   * @param setting the name of the setting that holds the URL; error messages contain it
   * @throws DatabaseStartException if it cannot
   */
  public static void check(String setting, String url) {
    try (Connection connection = DriverManager.getConnection(url, properties())) {
      if (!connection.isValid((int) CONNECT.toSeconds())) {
        throw new SQLException("it does not answer", "08006");
      }
    } catch (SQLException e) {
      throw new DatabaseStartException(
          SecretUrls.withoutParameters(url)
              .map(
                  shown ->
                      "%s cannot be used (%s): %s; it is %s"
                          .formatted(setting, firstLine(e), advice(e), shown))
              .orElseGet(
                  () ->
                      "%s cannot be used: %s; it must be like %s, and is not shown"
                          .formatted(setting, advice(e), Settings.JDBC_URL_EXAMPLE)),
          e);
    }
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "tradesync");
    properties.setProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
    properties.setProperty("loginTimeout", String.valueOf(CONNECT.toSeconds()));
    properties.setProperty("socketTimeout", String.valueOf(SILENCE.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static String advice(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.startsWith("08")) {
      return "check host and port, and that a PostgreSQL runs there";
    }
    if (state.startsWith("28")) {
      return "check user and password";
    }
    if (state.equals("3D000")) {
      return "create the database, or name another";
    }
    return "see what the server says";
  }
}
