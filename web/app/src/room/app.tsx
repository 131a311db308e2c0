/* The whole page. */
export function App() {
    return (
        <main>
            <h1>In Camera</h1>
        </main>
    );
}
