using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone;

/// <summary>Everything of a list, fetched page by page: item by item with <c>await foreach</c>, or as pages.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public abstract class AgglestonePageable<T> : IAsyncEnumerable<T>
{
    private readonly CancellationToken cancellation;

    /// <summary>For what lists something, and for substitutes in tests.</summary>
    /// <param name="cancellationToken">Ends every iteration.</param>
    protected AgglestonePageable(CancellationToken cancellationToken = default) => cancellation = cancellationToken;

    /// <summary>The pages. An iteration that was interrupted goes on from the last page's <see cref="Page{T}.NextPage"/>.</summary>
    /// <param name="first">The number of the first page, counted from 1.</param>
    /// <param name="pageSize">How many items a page; null leaves it as it is.</param>
    public abstract IAsyncEnumerable<Page<T>> AsPages(int first = 1, int? pageSize = null);

    /// <inheritdoc/>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var page in AsPages().WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in page.Data)
            {
                // Also between two pages.
                cancellationToken.ThrowIfCancellationRequested();
                cancellation.ThrowIfCancellationRequested();
                yield return item;
            }
        }
    }

    /// <summary>One that has these pages, for tests.</summary>
    /// <param name="pages">The pages, the first one having number 1.</param>
    internal static AgglestonePageable<T> FromPages(Page<T>[] pages) => new Known(pages);

    private sealed class Known(Page<T>[] pages) : AgglestonePageable<T>
    {
        public override async IAsyncEnumerable<Page<T>> AsPages(int first = 1, int? pageSize = null)
        {
            foreach (var page in pages.Skip(first - 1))
            {
                yield return await Task.FromResult(page).ConfigureAwait(false);
            }
        }
    }
}
