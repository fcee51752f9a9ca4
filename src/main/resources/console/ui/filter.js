// What a filter means, as the server's actions on many take it and as people read it.

/**
 * Of {kind, user, batch, group, redriven} as they stand in the address. Only for what the server
 * has taken as the filter of a list: then its numbers are whole.
 */
export function meant({ kind, user, batch, group, redriven }) {
  const whole = (text) => {
    const n = Number(text);
    if (!Number.isSafeInteger(n)) {
      throw new Error(`${text} is no number that this page could ask for.`);
    }
    return n;
  };
  return {
    ...(kind && { kind }),
    ...(user && { user: whole(user) }),
    ...(batch && { batch: whole(batch) }),
    ...(group && { group }),
    ...(redriven === "true" && { redriven: true }),
  };
}

/** One sentence; cause is what those of the group have in common. */
export function inWords({ kind, user, batch, group, redriven }, cause) {
  const parts = [
    kind && `of kind ${kind}`,
    user != null && `of user ${user}`,
    batch != null && `of batch ${batch}`,
    group && `with the cause “${cause ?? group}”`,
  ].filter(Boolean);
  const whom = parts.length === 0 ? "Meant are all, of every kind and of every user" : `Meant are those ${parts.join(", ")}`;
  return `${whom}${redriven ? ", and also those that were redriven" : ""}.`;
}

/** A list; or that the filter is wrong by which it was asked for, which is no fault of the screen. */
export const listed = (asked) =>
  asked.catch((fault) => {
    if (fault.errors?.length) {
      return { items: [], next: null, fault };
    }
    throw fault;
  });
