package io.sqlitesafe;

import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.capture.Capture;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.owner.Keeper;
import io.sqlitesafe.internal.owner.Opening;
import io.sqlitesafe.internal.owner.OwnedTransaction;
import io.sqlitesafe.internal.owner.Owner;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.internal.owner.Warnings;
import io.sqlitesafe.lock.AccessMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One write: become the owner, open, transaction, commit, release (protocol section 9). Used once.
 */
final class WriteOperation {
  private final Site site;
  private final Warnings warnings;
  private final WriteOptions options;
  private final @Nullable Keeper keeper;

  /** It takes its own lock, and releases it. */
  WriteOperation(Path name, Settings settings, WriteOptions options) {
    this.warnings = new Warnings(settings.listener());
    this.site = SafeDatabase.site(name, settings.withListener(warnings));
    this.options = options;
    this.keeper = null;
  }

  /** It takes what {@code keeper} has kept, and leaves it there. */
  WriteOperation(Path name, Settings settings, WriteOptions options, Keeper keeper) {
    this.warnings = new Warnings(settings.listener());
    Settings own = settings.withListener(warnings);
    this.site = keeper.site(name, own.lock(), own.file(), own.parent());
    this.options = options;
    this.keeper = keeper;
  }

  Site site() {
    return site;
  }

  <T extends @Nullable Object> Written<T> run(Work<T> work) {
    if (options.create() == null || site.terms().access() != AccessMode.NETWORK_EXCLUSIVE) {
      return owned(work);
    }
    AccessChange change = new AccessChange(site.unmarked());
    boolean marked = change.markNew();
    try {
      return owned(work);
    } finally {
      if (marked) {
        change.forgetNew();
      }
    }
  }

  private <T extends @Nullable Object> Written<T> owned(Work<T> work) {
    Database.requireFile(site.file(), options.create() != null);
    CaptureRequest capture = options.capture();
    if (capture != null) {
      Capture.check(capture, site.file());
    }
    Database.preload();
    Written<T> written =
        keeper == null ? once(Owner.enter(site), work) : kept(keeper, keeper.enter(site), work);
    return written.withWarnings(warnings.copy()); // the release may have had some
  }

  private <T extends @Nullable Object> Written<T> once(Owner owner, Work<T> work) {
    try (owner) {
      return write(owner, work);
    }
  }

  private <T extends @Nullable Object> Written<T> kept(Keeper by, Owner owner, Work<T> work) {
    boolean done = false;
    try {
      Written<T> written = write(owner, work);
      done = true;
      return written;
    } finally {
      by.leave(owner, done && isPlain());
    }
  }

  private boolean isPlain() {
    return options.equals(WriteOptions.DEFAULT);
  }

  private <T extends @Nullable Object> Written<T> write(Owner owner, Work<T> work) {
    boolean fresh = !Files.exists(site.file());
    boolean done = false;
    try {
      Written<T> written = writeWithRetries(owner, fresh, work);
      done = true;
      return written;
    } finally {
      if (fresh && (!done || options.dryRun())) {
        owner.shut();
        removeEmptyFile(site.file());
      }
    }
  }

  private <T extends @Nullable Object> Written<T> writeWithRetries(
      Owner owner, boolean fresh, Work<T> work) {
    BusyRetry retry =
        new BusyRetry(options.retries(), site.rest(owner.waited()), site.cancellation());
    while (true) {
      try {
        owner.open(opening(fresh), retry.share());
        try (OwnedTransaction transaction = begin(owner)) {
          return transact(transaction, fresh, work);
        }
      } catch (SqliteSafeException e) {
        SqliteSafeException told = instead(owner, e);
        if (told != e) {
          throw told;
        }
        retry.pauseOrThrow(e);
      }
    }
  }

  private OwnedTransaction begin(Owner owner) {
    return keeper != null && isPlain() ? keeper.begin(owner) : owner.begin(options.capture());
  }

  private SqliteSafeException instead(Owner owner, SqliteSafeException e) {
    if (owner.mayComeOfLoss(e)) {
      owner.lock().ensureHeld();
    }
    return site.cancellation().instead(e);
  }

  private <T extends @Nullable Object> Written<T> transact(
      OwnedTransaction transaction, boolean fresh, Work<T> work) {
    if (fresh) {
      markNew(transaction);
    }
    transaction.startCapture();
    T value = work.run(transaction.handle());
    site.cancellation().throwIfRequested();
    transaction.gather(!options.dryRun());
    site.cancellation().throwIfRequested();
    if (!options.dryRun()) {
      transaction.commit(true);
    }
    Owner owner = transaction.owner();
    return new Written<>(
        value,
        new Written.LockUse(owner.waited(), owner.held(), owner.lock().token().hex()),
        !options.dryRun(),
        owner.recovered(),
        transaction.captured(),
        owner.pending(),
        List.of());
  }

  private Opening opening(boolean fresh) {
    WriteOptions.NewDatabase create = options.create();
    if (create == null && options.foreignKeys()) {
      return Opening.PLAIN;
    }
    return new Opening(
        create != null,
        fresh ? pageSize() : "",
        options.foreignKeys() ? null : Opening.Preparation.WITHOUT_FOREIGN_KEYS);
  }

  /** The page size takes effect only before the first transaction. */
  private String pageSize() {
    WriteOptions.NewDatabase create = options.create();
    return create == null || create.pageSize() == null
        ? ""
        : "PRAGMA page_size=" + create.pageSize() + ";";
  }

  private void markNew(OwnedTransaction transaction) {
    WriteOptions.NewDatabase create = options.create();
    if (create != null && create.applicationId() != null) {
      transaction.execute("PRAGMA application_id=" + create.applicationId());
    }
    if (create != null && create.userVersion() != null) {
      transaction.execute("PRAGMA user_version=" + create.userVersion());
    }
  }

  /** Opening with CREATE made a file of no bytes; a failed write leaves nothing behind. */
  private static void removeEmptyFile(Path file) {
    try {
      if (Files.exists(file) && Files.size(file) == 0) {
        Files.delete(file);
      }
    } catch (IOException harmless) {
      // an empty file is a valid, empty database
    }
  }
}
