# The Yardarm server with its admin UI. Build: docker build -t yardarm .   Run: see docker-compose.yml.
# Debian, not Alpine: the embedded PostgreSQL, used when no DATABASE_URL is given, is built for glibc.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN node scripts/run.mjs build

# The server's packages alone, without what only building and testing need.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches patches/
COPY apps/server/package.json apps/server/
COPY packages/contract/package.json packages/contract/
COPY packages/evaluator/package.json packages/evaluator/
COPY packages/sync/package.json packages/sync/
RUN npx -y "$(node -p "require('./package.json').packageManager.split('+')[0]")" \
    install --frozen-lockfile --prod --filter '@yardarm/server...'

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 YARDARM_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app ./
COPY --from=build /app/apps/server/dist apps/server/dist
COPY --from=build /app/apps/admin-ui/dist apps/admin-ui/dist
COPY --from=build /app/packages/contract/dist packages/contract/dist
COPY --from=build /app/packages/evaluator/dist packages/evaluator/dist
COPY --from=build /app/packages/sync/dist packages/sync/dist
COPY migrations migrations
# A new volume takes its owner from this folder; without it the server could not write to /data.
RUN mkdir /data && chown node:node /data && chmod 0700 /data
USER node
VOLUME /data
EXPOSE 4400
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4400}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/server/dist/main.js"]
