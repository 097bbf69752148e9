/** Shows something else where a part of the page cannot be drawn, so that the rest of it stays. */
import { Component, type ReactNode } from 'react';

export interface OrElseProps {
  readonly fallback: ReactNode;
  readonly children: ReactNode;
}

/** A class, since React tells nothing else of an error while it draws. */
export class OrElse extends Component<OrElseProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
