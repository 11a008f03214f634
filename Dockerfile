# syntax=docker/dockerfile:1
FROM node:24-alpine AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that runs needs a script of its own to install.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts/build ./scripts/build
COPY scripts/page ./scripts/page
RUN npm run build && chmod 755 dist/main.js && npm prune --omit=dev --ignore-scripts

FROM node:24-alpine
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tocsin" \
      org.opencontainers.image.description="Alerting as code for the Elastic Stack" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY schema ./schema
COPY rules ./rules
RUN ln -s /app/dist/main.js /usr/local/bin/tocsin
# tocsin.yaml and rules/ are looked for here: mount them, or name them with --config.
WORKDIR /etc/tocsin
# By number, so that Kubernetes sees that it is not root.
USER 1000:1000
EXPOSE 9095
# The port is that of server.port; an image with another one brings its own health check.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9095/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run"]
