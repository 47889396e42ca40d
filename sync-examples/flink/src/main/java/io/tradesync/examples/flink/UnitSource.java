package io.tradesync.examples.flink;

import io.tradesync.spi.WorkUnit;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReader;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.InstantiationUtil;

/**
 * The units of a pass. A reader asks for the next unit when it has emitted the one before, and what
 * is chained to it has done with it: so a worker that is free pulls. Immutable.
 */
final class UnitSource implements Source<WorkUnit, UnitSource.Split, Collection<UnitSource.Split>> {

  private final ArrayList<WorkUnit> units;

  UnitSource(List<WorkUnit> units) {
    this.units = new ArrayList<>(units);
  }

  /** One unit. */
  record Split(WorkUnit unit)
      implements IteratorSourceSplit<WorkUnit, Iterator<WorkUnit>>, Serializable {

    @Override
    public String splitId() {
      return Integer.toString(unit.number());
    }

    @Override
    public Iterator<WorkUnit> getIterator() {
      return List.of(unit).iterator();
    }

    @Override
    public IteratorSourceSplit<WorkUnit, Iterator<WorkUnit>> getUpdatedSplitForIterator(
        Iterator<WorkUnit> iterator) {
      return this;
    }
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<WorkUnit, Split> createReader(SourceReaderContext context) {
    return new IteratorSourceReader<>(context);
  }

  @Override
  public SplitEnumerator<Split, Collection<Split>> createEnumerator(
      SplitEnumeratorContext<Split> context) {
    return new IteratorSourceEnumerator<>(context, units.stream().map(Split::new).toList());
  }

  @Override
  public SplitEnumerator<Split, Collection<Split>> restoreEnumerator(
      SplitEnumeratorContext<Split> context, Collection<Split> left) {
    return new IteratorSourceEnumerator<>(context, left);
  }

  @Override
  public SimpleVersionedSerializer<Split> getSplitSerializer() {
    return new Serializer<>();
  }

  @Override
  public SimpleVersionedSerializer<Collection<Split>> getEnumeratorCheckpointSerializer() {
    return new Serializer<>();
  }

  private static final class Serializer<V> implements SimpleVersionedSerializer<V> {

    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(V value) throws IOException {
      return InstantiationUtil.serializeObject(value);
    }

    @Override
    public V deserialize(int version, byte[] bytes) throws IOException {
      try {
        return InstantiationUtil.deserializeObject(bytes, Split.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IOException(e);
      }
    }
  }
}
