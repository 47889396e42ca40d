import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Checks a directory in the layout of a Maven repository by the rules that Maven Central checks
 * before it publishes, and by our own: the BOM names all that is published, an SBOM what its POM
 * names, a list of licences what the SBOM does, and a jar is small, has that list and is a module. Run it with {@code java
 * CentralRules.java DIRECTORY VERSION}. Exits with 1 if a rule is broken, or if there is nothing to
 * check.
 */
final class CentralRules {

  private static final Map<String, String> CHECKSUMS = Map.of("md5", "MD5", "sha1", "SHA-1");

  /** In bytes. The largest jar has three quarters of it; one that holds another jar has more. */
  private static final long LARGEST_JAR = 1_000_000;

  private static final String LICENCES = "META-INF/THIRD-PARTY.txt";

  /** Scopes of dependencies that a user does not get. */
  private static final Set<String> NOT_BROUGHT_ALONG = Set.of("test", "provided");

  private static final Pattern IN_SBOM = Pattern.compile("\"pkg:maven/([^/]+)/([^@]+)@([^?\"]+)");

  private static final Pattern IS_MODULE = Pattern.compile("META-INF/versions/\\d+/module-info.class");

  private final Path root;
  private final String version;
  private final List<String> faults = new ArrayList<>();

  private CentralRules(Path root, String version) {
    this.root = root;
    this.version = version;
  }

  public static void main(String... arguments) throws Exception {
    CentralRules rules = new CentralRules(Path.of(arguments[0]), arguments[1]);
    int modules = rules.check();
    rules.faults.forEach(System.err::println);
    System.out.printf("%d modules, %d faults%n", modules, rules.faults.size());
    System.exit(modules > 0 && rules.faults.isEmpty() ? 0 : 1);
  }

  private int check() throws Exception {
    if (version.endsWith("-SNAPSHOT")) {
      faults.add(version + " is no version of a release");
    }
    Map<Path, List<Path>> modules;
    try (Stream<Path> files = Files.walk(root)) {
      modules =
          files
              .filter(Files::isRegularFile)
              .collect(Collectors.groupingBy(Path::getParent, TreeMap::new, Collectors.toList()));
    }
    Set<String> published =
        modules.keySet().stream()
            .map(directory -> directory.getParent().getFileName().toString())
            .collect(Collectors.toSet());
    for (Map.Entry<Path, List<Path>> module : modules.entrySet()) {
      checkFiles(module.getKey(), module.getValue());
      checkPom(module.getKey(), published);
    }
    return modules.size();
  }

  private void checkFiles(Path directory, List<Path> files) throws Exception {
    String artifact = directory.getParent().getFileName().toString();
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (!name.startsWith(artifact + "-" + version)) {
        faults.add(file + " is not named " + artifact + "-" + version);
      }
      if (name.endsWith(".asc") || CHECKSUMS.keySet().stream().anyMatch(name::endsWith)) {
        continue;
      }
      if (!Files.exists(directory.resolve(name + ".asc"))) {
        faults.add(file + " is not signed");
      }
      for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
        Path said = directory.resolve(name + "." + checksum.getKey());
        String is = digest(file, checksum.getValue());
        if (!Files.exists(said) || !Files.readString(said).strip().equals(is)) {
          faults.add(said + " is missing, or of another file");
        }
      }
    }
  }

  private static String digest(Path file, String algorithm) throws Exception {
    byte[] digest = MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  private void checkPom(Path directory, Set<String> published) throws Exception {
    String artifact = directory.getParent().getFileName().toString();
    Path file = directory.resolve(artifact + "-" + version + ".pom");
    if (!Files.exists(file)) {
      faults.add(file + " is missing");
      return;
    }
    Element pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    must(file, pom, "artifactId", artifact);
    must(file, pom, "version", version);
    must(
        file,
        pom,
        "groupId",
        root.relativize(directory.getParent().getParent()).toString().replace('/', '.'));
    for (String field :
        List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/connection",
            "scm/developerConnection",
            "scm/url",
            "issueManagement/url")) {
      if (text(pom, field).isBlank()) {
        faults.add(file + " has no " + field);
      }
    }
    for (String field : List.of("parent", "repositories", "pluginRepositories")) {
      if (find(pom, field) != null) {
        faults.add(file + " has " + field);
      }
    }
    checkDependencies(file, pom, published);
    if (text(pom, "packaging").isEmpty() || text(pom, "packaging").equals("jar")) {
      for (String classifier : List.of("", "-sources", "-javadoc")) {
        checkJar(directory.resolve(artifact + "-" + version + classifier + ".jar"));
      }
      checkClasses(directory.resolve(artifact + "-" + version + ".jar"));
    } else {
      checkBom(file, pom, published);
    }
    checkSbom(directory.resolve(artifact + "-" + version + "-cyclonedx.json"), pom);
  }

  /** A POM without a jar manages all the others. */
  private void checkBom(Path file, Element pom, Set<String> published) {
    Set<String> managed = new TreeSet<>();
    for (Element dependency : dependencies(pom)) {
      managed.add(text(dependency, "artifactId"));
    }
    Set<String> others = new TreeSet<>(published);
    others.remove(text(pom, "artifactId"));
    if (!managed.equals(others)) {
      faults.add(file + " manages " + managed + ", and published are " + others);
    }
  }

  private void checkSbom(Path file, Element pom) throws IOException {
    if (!Files.exists(file)) {
      faults.add(file + " is missing: there is no SBOM");
      return;
    }
    String sbom = Files.readString(file);
    if (text(pom, "packaging").equals("pom")) {
      return;
    }
    checkLicences(file, sbom, text(pom, "groupId"));
    for (Element dependency : dependencies(pom)) {
      String named =
          "pkg:maven/%s/%s@%s"
              .formatted(
                  text(dependency, "groupId"),
                  text(dependency, "artifactId"),
                  text(dependency, "version"));
      if (!NOT_BROUGHT_ALONG.contains(text(dependency, "scope")) && !sbom.contains(named)) {
        faults.add(file + " does not name " + named);
      }
    }
  }

  /** What a user gets with a jar is in its list of licences. */
  private void checkLicences(Path file, String sbom, String ours) throws IOException {
    Path jar = Path.of(file.toString().replace("-cyclonedx.json", ".jar"));
    String licences = Files.exists(jar) ? licences(jar) : "";
    IN_SBOM
        .matcher(sbom)
        .results()
        .filter(component -> !component.group(1).equals(ours))
        .map(component -> component.group(1) + ":" + component.group(2) + ":" + component.group(3))
        .distinct()
        .filter(component -> !licences.contains("(" + component + " "))
        .forEach(component -> faults.add(jar + " has no licence of " + component));
  }

  private static String licences(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      ZipEntry licences = file.getEntry(LICENCES);
      return licences == null ? "" : new String(file.getInputStream(licences).readAllBytes(), UTF_8);
    }
  }

  private void checkClasses(Path jar) throws IOException {
    if (!Files.exists(jar)) {
      return;
    }
    if (Files.size(jar) > LARGEST_JAR) {
      faults.add(jar + " has over " + LARGEST_JAR + " bytes");
    }
    try (JarFile file = new JarFile(jar.toFile())) {
      if (file.getEntry(LICENCES) == null) {
        faults.add(jar + " has no " + LICENCES);
      }
      boolean isModule =
          file.stream().anyMatch(entry -> IS_MODULE.matcher(entry.getName()).matches())
              || file.getManifest() != null
                  && file.getManifest().getMainAttributes().getValue("Automatic-Module-Name") != null;
      if (!isModule) {
        faults.add(jar + " is no module");
      }
    }
  }

  private static List<Element> dependencies(Element pom) {
    NodeList found = pom.getElementsByTagName("dependency");
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private void checkDependencies(Path file, Element pom, Set<String> published) {
    for (Element dependency : dependencies(pom)) {
      String named = text(dependency, "version").replace("${project.version}", version);
      if (named.isBlank() || named.contains("$") || named.endsWith("-SNAPSHOT")) {
        faults.add(
            file + " depends on version '" + named + "' of " + text(dependency, "artifactId"));
      }
      boolean ours = text(dependency, "groupId").equals(text(pom, "groupId"));
      if (ours && !published.contains(text(dependency, "artifactId"))) {
        faults.add(
            file + " depends on " + text(dependency, "artifactId") + ", which is not published");
      }
    }
  }

  private void checkJar(Path jar) throws IOException {
    if (!Files.exists(jar)) {
      faults.add(jar + " is missing");
      return;
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.stream().noneMatch(entry -> entry.getName().matches(".*\\.(class|java|html)"))) {
        faults.add(jar + " is empty");
      }
    }
  }

  private void must(Path file, Element pom, String field, String value) {
    if (!text(pom, field).equals(value)) {
      faults.add(file + ": " + field + " must be " + value);
    }
  }

  private static String text(Element parent, String path) {
    Element found = find(parent, path);
    return found == null ? "" : found.getTextContent().strip();
  }

  private static Element find(Element parent, String path) {
    Element at = parent;
    for (String name : path.split("/")) {
      Element next = null;
      for (Node child = at.getFirstChild(); child != null; child = child.getNextSibling()) {
        if (next == null && child instanceof Element element && element.getTagName().equals(name)) {
          next = element;
        }
      }
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }
}
