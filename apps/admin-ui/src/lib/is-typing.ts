/** Whether a key that was pressed there belongs to what is typed, and to no shortcut. A checkbox takes no text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Whether the key is one of the browser's own shortcuts. */
export function hasModifier(event: Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'altKey'>): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Whether keys are those of an open dialog. To a screen reader a notice is one too, but it takes no keys. */
export function isDialogOpen(): boolean {
  return document.querySelector('[role=dialog]:not([aria-modal=false])') !== null;
}
