package io.millrace.store;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Encrypts what must not be read from the database alone: AES-256-GCM by Tink, each value bound to
 * the user whose it is. The key's own fingerprint is its id, and stands in each value, so that
 * values written with an older key can be told from those of a newer one: the previous key may be
 * at hand beside the present one, to read only. Thread-safe.
 */
public final class Vault {
  private final Aead aead;
  private final int keyId;
  private final Set<Integer> readable;

  /**
   * With one key.
   *
   * @param secret see {@link #Vault(String, Optional)}
   */
  public Vault(String secret) {
    this(secret, Optional.empty());
  }

  /**
   * Makes the keys from what was configured.
   *
   * @param secret 32 random bytes in base64; any other text is hashed into a key, and should be as
   *     hard to guess
   * @param previous the key before it, which only decrypts
   */
  public Vault(String secret, Optional<String> previous) {
    try {
      AesGcmKey key = aesGcm(key(secret.strip()));
      keyId = key.getIdRequirementOrNull();
      AeadConfig.register();
      KeysetHandle.Builder keys =
          KeysetHandle.newBuilder().addEntry(KeysetHandle.importKey(key).makePrimary());
      Set<Integer> ids = new HashSet<>(Set.of(keyId));
      if (previous.isPresent()) {
        AesGcmKey old = aesGcm(key(previous.get().strip()));
        if (ids.add(old.getIdRequirementOrNull())) {
          keys.addEntry(KeysetHandle.importKey(old));
        }
      }
      readable = Set.copyOf(ids);
      aead = keys.build().getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new DatabaseException("The encryption key cannot be used.", e);
    }
  }

  /** The key that encrypts, as {@code google_token.key_id} names it. */
  int keyId() {
    return keyId;
  }

  /** All keys that decrypt. */
  Set<Integer> readable() {
    return readable;
  }

  @AccessesPartialKey
  private static AesGcmKey aesGcm(byte[] bytes) throws GeneralSecurityException {
    int id = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes)).getInt();
    AesGcmParameters parameters =
        AesGcmParameters.builder()
            .setKeySizeBytes(32)
            .setIvSizeBytes(12)
            .setTagSizeBytes(16)
            .setVariant(AesGcmParameters.Variant.TINK)
            .build();
    return AesGcmKey.builder()
        .setParameters(parameters)
        .setKeyBytes(SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get()))
        .setIdRequirement(id)
        .build();
  }

  private static byte[] key(String secret) throws GeneralSecurityException {
    try {
      byte[] bytes = Base64.getDecoder().decode(secret);
      if (bytes.length == 32) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // Not base64, so it is a passphrase.
    }
    return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
  }

  byte[] seal(String secret, long user) {
    try {
      return aead.encrypt(secret.getBytes(StandardCharsets.UTF_8), binding(user));
    } catch (GeneralSecurityException e) {
      throw new DatabaseException("A secret cannot be encrypted.", e);
    }
  }

  /** The secret; empty if it was encrypted with a key that is not at hand, or for another user. */
  Optional<String> open(byte[] sealed, long user) {
    try {
      return Optional.of(new String(aead.decrypt(sealed, binding(user)), StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  /**
   * Encrypts bytes.
   *
   * @param place what they are bound to: they can be opened for the same place only
   */
  byte[] seal(byte[] plain, String place) {
    try {
      return aead.encrypt(plain, place.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new DatabaseException("It cannot be encrypted.", e);
    }
  }

  /**
   * The bytes that were sealed for a place.
   *
   * @throws GeneralSecurityException if they were not, or not with this key
   */
  byte[] open(byte[] sealed, String place) throws GeneralSecurityException {
    return aead.decrypt(sealed, place.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] binding(long user) {
    return ("google_token:" + user).getBytes(StandardCharsets.UTF_8);
  }
}
