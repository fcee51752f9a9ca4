package io.millrace.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs, unpacked from our jar into the user's cache once for each version.
 *
 * @param home the directory that holds {@code bin}
 */
record PostgresBinaries(Path home) {
  /** The first number of the version that the jar brings. */
  static final String MAJOR = "17";

  private static final String VERSION = "17.6.0";

  static PostgresBinaries unpacked() throws IOException {
    String archive = "postgres-" + platform() + ".txz";
    Path cache = cache().resolve("millrace").resolve("postgres-" + VERSION);
    if (Files.exists(cache.resolve("bin/postgres"))) {
      return new PostgresBinaries(cache);
    }
    Files.createDirectories(cache.getParent());
    Path fresh = Files.createTempDirectory(cache.getParent(), "postgres-");
    try (InputStream packed = PostgresBinaries.class.getResourceAsStream("/" + archive)) {
      if (packed == null) {
        throw new DatabaseException(
            "There is no embedded database for this machine (%s): configure database.uri."
                .formatted(platform()));
      }
      unpack(packed, fresh);
    }
    try {
      Files.move(fresh, cache);
    } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
      // Another process was faster; its copy is as good.
      return new PostgresBinaries(cache);
    }
    return new PostgresBinaries(cache);
  }

  /**
   * The beginning of a command line. PostgreSQL refuses to run as root: there, a user namespace of
   * its own gives it another identity.
   */
  List<String> command(String program) {
    String path = home.resolve("bin").resolve(program).toString();
    boolean root = "root".equals(System.getProperty("user.name"));
    return root ? List.of("unshare", "-U", path) : List.of(path);
  }

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    return (os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os.replace(' ', '-'))
        + "-"
        + (arm ? "arm_64" : arch.equals("amd64") || arch.equals("x86_64") ? "x86_64" : arch);
  }

  private static Path cache() {
    String configured = System.getenv("XDG_CACHE_HOME");
    return configured == null || configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache")
        : Path.of(configured);
  }

  private static void unpack(InputStream packed, Path target) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new XZCompressorInputStream(new BufferedInputStream(packed, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException("the archive names a path outside itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else if (entry.isSymbolicLink()) {
          Files.createDirectories(path.getParent());
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
          Files.createDirectories(path.getParent());
          Files.copy(tar, path);
          Files.setPosixFilePermissions(path, permissions(entry.getMode()));
        }
      }
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> set =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0100) != 0) {
      set.add(PosixFilePermission.OWNER_EXECUTE);
      set.add(PosixFilePermission.GROUP_EXECUTE);
      set.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return set;
  }
}
