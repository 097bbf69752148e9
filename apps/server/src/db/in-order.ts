/**
 * Waits for statements of one transaction that were sent one behind the other, in the order of sending, which their connection
 * keeps. A statement is sent when it is first awaited, one step later than one whose `execute()` was called: give either kind
 * only, or the called ones first. Throws what the first that failed threw: those behind it only say that the transaction is aborted.
 */
export async function inOrder<const Sent extends readonly unknown[]>(
  sent: Sent,
): Promise<{ -readonly [K in keyof Sent]: Awaited<Sent[K]> }> {
  const outcomes = await Promise.allSettled(sent);
  const values = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return values as { -readonly [K in keyof Sent]: Awaited<Sent[K]> };
}
