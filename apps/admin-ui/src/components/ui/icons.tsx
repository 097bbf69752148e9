/** The icons, 16 by 16, one stroke width, in the colour of the text around them. Always decorative: the control names itself. */

export interface IconProps {
  readonly className?: string;
}

function Glyph({ d, className = 'size-4' }: IconProps & { readonly d: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={d} />
    </svg>
  );
}

export const SearchIcon = (props: IconProps) => (
  <Glyph d="m13.5 13.5-3-3M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Z" {...props} />
);
export const PlusIcon = (props: IconProps) => <Glyph d="M8 3v10M3 8h10" {...props} />;
export const CloseIcon = (props: IconProps) => <Glyph d="m4 4 8 8M12 4l-8 8" {...props} />;
export const CheckIcon = (props: IconProps) => <Glyph d="m3 8.5 3.2 3L13 4.5" {...props} />;
export const CopyIcon = (props: IconProps) => (
  <Glyph
    d="M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2m-7-5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z"
    {...props}
  />
);
export const ChevronRightIcon = (props: IconProps) => <Glyph d="m6.5 4.5 3.5 3.5-3.5 3.5" {...props} />;
export const UpDownIcon = (props: IconProps) => <Glyph d="m5 6 3-3 3 3M5 10l3 3 3-3" {...props} />;
/** Ascending; turned round, descending. */
export const SortIcon = (props: IconProps) => <Glyph d="M8 13V3.5M4.5 7 8 3.5 11.5 7" {...props} />;
export const ColumnsIcon = (props: IconProps) => <Glyph d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10" {...props} />;
export const EditIcon = (props: IconProps) => <Glyph d="m3 13 .6-2.8 7.3-7.3 2.2 2.2-7.3 7.3zM9.5 4.3l2.2 2.2" {...props} />;
export const ArchiveIcon = (props: IconProps) => <Glyph d="M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3" {...props} />;
export const LinkIcon = (props: IconProps) => <Glyph d="M9 3h4v4M13 3 7.5 8.5M7 4H3v9h9V9" {...props} />;
export const FlagIcon = (props: IconProps) => <Glyph d="M3.5 14V2.5M3.5 3h8.2l-1.7 3 1.7 3H3.5" {...props} />;
export const HistoryIcon = (props: IconProps) => (
  <Glyph d="M2.5 8a5.5 5.5 0 1 0 1.7-4L2.5 5.6M2.5 2.7v2.9h2.9M8 5v3.2l2.2 1.3" {...props} />
);
export const KeyIcon = (props: IconProps) => (
  <Glyph d="M10.2 9.2a3.6 3.6 0 1 0-3.4-3.4L2.5 10v3.5H6V12h1.5v-1.5l1.3-1.3M11 5.1v-.1" {...props} />
);
export const LockIcon = (props: IconProps) => (
  <Glyph
    d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2M4 7h8a.8.8 0 0 1 .8.8v4.9a.8.8 0 0 1-.8.8H4a.8.8 0 0 1-.8-.8V7.8A.8.8 0 0 1 4 7Z"
    {...props}
  />
);
export const WarningIcon = (props: IconProps) => (
  <Glyph d="M8 6v3M8 11.4v.1M7 2.9 1.9 11.8a1.1 1.1 0 0 0 1 1.7h10.2a1.1 1.1 0 0 0 1-1.7L9 2.9a1.1 1.1 0 0 0-2 0Z" {...props} />
);
export const SunIcon = (props: IconProps) => (
  <Glyph
    d="M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7"
    {...props}
  />
);
export const MoonIcon = (props: IconProps) => <Glyph d="M13.5 9.4A5.8 5.8 0 1 1 6.6 2.5a4.6 4.6 0 0 0 6.9 6.9Z" {...props} />;
export const SystemIcon = (props: IconProps) => <Glyph d="M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3" {...props} />;
export const SignOutIcon = (props: IconProps) => (
  <Glyph d="M6 2.5H3.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H6M10.5 11l3-3-3-3M13.2 8H6" {...props} />
);
export const UserIcon = (props: IconProps) => (
  <Glyph d="M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8ZM2.8 13.6c.6-2.3 2.6-3.4 5.2-3.4s4.6 1.1 5.2 3.4" {...props} />
);
export const BrowserIcon = (props: IconProps) => <Glyph d="M2.5 3h11v10h-11zM2.5 6h11M4.5 4.5h.1M6.3 4.5h.1" {...props} />;
export const ServerIcon = (props: IconProps) => <Glyph d="M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.1M5 11h.1" {...props} />;
export const ShieldIcon = (props: IconProps) => (
  <Glyph d="M8 1.8 13 3.6v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4zM5.7 8l1.6 1.6 3-3.2" {...props} />
);
export const UpIcon = (props: IconProps) => <Glyph d="m4.5 9.5 3.5-3.5 3.5 3.5" {...props} />;
export const DownIcon = (props: IconProps) => <Glyph d="m4.5 6.5 3.5 3.5 3.5-3.5" {...props} />;
export const GripIcon = (props: IconProps) => <Glyph d="M6 4h.1M10 4h.1M6 8h.1M10 8h.1M6 12h.1M10 12h.1" {...props} />;
export const PeopleIcon = (props: IconProps) => (
  <Glyph
    d="M6 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 8ZM1.8 13c.4-2 2-3 4.2-3s3.8 1 4.2 3M10.6 3.6a2.2 2.2 0 0 1 0 4.2M12 10.2c1.3.4 2 1.4 2.2 2.8"
    {...props}
  />
);
/** A part of everybody. */
export const SegmentIcon = (props: IconProps) => (
  <Glyph d="M7 3.2A5.3 5.3 0 1 0 12.8 9H7zM9.8 2.2a4.6 4.6 0 0 1 4 4h-4z" {...props} />
);
export const MembersIcon = (props: IconProps) => (
  <Glyph
    d="M6.3 8a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8ZM1.8 13.2c.5-2.1 2.2-3.1 4.5-3.1.9 0 1.8.2 2.5.5M10 11.8l1.5 1.5 2.7-3"
    {...props}
  />
);
export const SettingsIcon = (props: IconProps) => (
  <Glyph d="M2.5 4.5h6M11.5 4.5h2M10 3v3M2.5 11.5h2M7.5 11.5h6M6 10v3" {...props} />
);
export const MenuIcon = (props: IconProps) => <Glyph d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" {...props} />;
export const PlugIcon = (props: IconProps) => <Glyph d="M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14" {...props} />;
export const CompareIcon = (props: IconProps) => (
  <Glyph d="M3 5.5h9M9.5 3 12 5.5 9.5 8M13 10.5H4M6.5 8 4 10.5 6.5 13" {...props} />
);
export const SendIcon = (props: IconProps) => <Glyph d="M14 2 7 9M14 2 9.5 14 7 9 2 6.5z" {...props} />;
export const BroomIcon = (props: IconProps) => (
  <Glyph d="m13.5 2.5-5 5M6.2 6.8l3 3M5.6 7.4 3 9.2c.6 2.2 1.6 3.4 3.8 4.3l1.8-2.7M5.2 10.6l1.4-.6" {...props} />
);
