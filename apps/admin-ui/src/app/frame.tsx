/** What every page of somebody signed in stands in: the navigation, and the way past it. */
import { Outlet } from '@tanstack/react-router';
import { Sidebar, type SidebarProps } from './sidebar.tsx';

export function Frame(props: SidebarProps) {
  return (
    <>
      <a
        href="#main"
        className="sr-only z-80 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <div className="flex min-h-dvh flex-col md:flex-row">
        <Sidebar {...props} />
        <main id="main" className="min-w-0 flex-1">
          <Outlet />
        </main>
      </div>
    </>
  );
}
