# The service with all pipelines, on CPU. docker-compose.yml puts Envoy beside it.
FROM python:3.11-slim
WORKDIR /app
COPY constraints.txt ./
RUN pip install --no-cache-dir --no-deps -r constraints.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system --home-dir /data --create-home videoannotator
USER videoannotator
WORKDIR /data
ENV VIDEOANNOTATOR_STORAGE_DIR=/data/storage
ENTRYPOINT ["videoannotator"]
CMD ["serve", "--no-rest"]
