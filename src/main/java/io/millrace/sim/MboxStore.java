package io.millrace.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * The mail of an mbox file. Only an index is held in memory; a message is read when it is asked
 * for. A compressed file is unpacked to a temporary one, which goes when the store closes.
 */
final class MboxStore implements MailStore {
  private static final int CACHED = 64;
  private static final int LARGEST_CACHED = 64 * 1024;
  private static final int SEARCHED = 2_000;

  private final Path temporary;
  private final FileChannel file;
  private final MboxIndex index;
  private final Permutation ids;
  private final GeneratedStore later;
  private final int[] messages;
  private final int[] threadStarts;
  private final int[] threadMembers;
  private final int[] threadOf;
  private final Map<Integer, Mail> cache =
      new LinkedHashMap<>(CACHED * 2, .75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Mail> eldest) {
          return size() > CACHED;
        }
      };

  private MboxStore(Path temporary, Path plain, FileChannel file, long key, String email)
      throws IOException {
    this.temporary = temporary;
    this.file = file;
    this.index = new MboxIndex(Files.newInputStream(plain));
    this.ids = new Permutation(Hash.of(key, 1));
    this.messages =
        IntStream.range(0, index.count())
            .boxed()
            .sorted(Comparator.comparing(index::date).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    long newest = messages.length == 0 ? MailDates.UNKNOWN : index.date(messages[0]);
    this.later = new GeneratedStore(Hash.of(key, 12), email, 0, newest, false);
    this.threadOf = number(index, messages);
    int threads = IntStream.of(threadOf).max().orElse(-1) + 1;
    this.threadStarts = new int[threads + 1];
    this.threadMembers = new int[messages.length];
    group();
  }

  /**
   * Reads the file's index; fails with a {@link SimException} when it cannot be read as an mbox.
   */
  static MboxStore open(Path path, long key, String email) {
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new SimException("The mbox file " + path + " cannot be read.", null);
    }
    Path temporary = null;
    FileChannel channel = null;
    try {
      if (path.toString().endsWith(".gz")) {
        temporary = unpack(path);
      }
      Path plain = temporary == null ? path : temporary;
      channel = FileChannel.open(plain, StandardOpenOption.READ);
      MboxStore store = new MboxStore(temporary, plain, channel, key, email);
      if (store.size() == 0 && channel.size() > 0) {
        throw new IOException("no line begins a message as \"From \" does");
      }
      return store;
    } catch (IOException e) {
      discard(channel, temporary);
      throw new SimException(
          "The mbox file " + path + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static Path unpack(Path path) throws IOException {
    Path temporary = Files.createTempFile("millrace-sim", ".mbox");
    temporary.toFile().deleteOnExit();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(path), 1 << 16)) {
      Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
      return temporary;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Numbers the threads from 0 in the order of their newest messages. */
  private static int[] number(MboxIndex index, int[] messages) {
    int[] numbers = new int[messages.length];
    Arrays.fill(numbers, -1);
    int[] threadOf = new int[messages.length];
    int threads = 0;
    for (int i = 0; i < messages.length; i++) {
      int root = index.thread(messages[i]);
      if (numbers[root] < 0) {
        numbers[root] = threads++;
      }
      threadOf[i] = numbers[root];
    }
    return threadOf;
  }

  private void group() {
    for (int thread : threadOf) {
      threadStarts[thread + 1]++;
    }
    for (int thread = 1; thread < threadStarts.length; thread++) {
      threadStarts[thread] += threadStarts[thread - 1];
    }
    int[] next = threadStarts.clone();
    for (int i = 0; i < threadOf.length; i++) {
      threadMembers[next[threadOf[i]]++] = i;
    }
  }

  @Override
  public int size() {
    return messages.length;
  }

  @Override
  public long id(int at) {
    return ids.apply(at);
  }

  @Override
  public int index(long id) {
    long at = ids.invert(id);
    return at >= -1_000_000 && at < messages.length ? (int) at : NONE;
  }

  @Override
  public int[] thread(int at) {
    if (at < 0) {
      return new int[] {at};
    }
    int thread = threadOf[at];
    return Arrays.copyOfRange(threadMembers, threadStarts[thread], threadStarts[thread + 1]);
  }

  @Override
  public int threadCount() {
    return threadStarts.length - 1;
  }

  @Override
  public long date(int at) {
    return at < 0 ? later.date(at) : index.date(messages[at]);
  }

  @Override
  public List<String> labels(int at) {
    return at < 0 ? later.labels(at) : index.labels(messages[at]);
  }

  @Override
  public List<String> userLabels() {
    return index.userLabels();
  }

  @Override
  public Mail mail(int at) {
    if (at < 0) {
      return later.mail(at);
    }
    synchronized (cache) {
      Mail known = cache.get(at);
      if (known != null) {
        return known;
      }
    }
    byte[] stored = read(index.offset(messages[at]), index.length(messages[at]));
    Mail mail = new MimeMail(MboxText.message(stored));
    if (stored.length <= LARGEST_CACHED) {
      synchronized (cache) {
        cache.put(at, mail);
      }
    }
    return mail;
  }

  private byte[] read(long offset, long length) {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(length, Integer.MAX_VALUE - 64));
    try {
      while (buffer.hasRemaining()) {
        if (file.read(buffer, offset + buffer.position()) < 0) {
          break;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  @Override
  public boolean blocking() {
    return true;
  }

  @Override
  public int searchSpan() {
    return SEARCHED;
  }

  @Override
  public void close() {
    discard(file, temporary);
  }

  private static void discard(FileChannel channel, Path temporary) {
    try {
      if (channel != null) {
        channel.close();
      }
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
